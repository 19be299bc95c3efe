"""What merges leave behind in files."""

from __future__ import annotations

import re

from gitops_validate.content import content
from gitops_validate.model.manifest import Repo

MARKER = re.compile(rb"^<{7} .*$", re.MULTILINE)
REST = (re.compile(rb"^={7}\r?$", re.MULTILINE), re.compile(rb"^>{7} ", re.MULTILINE))


def conflicts(repo: Repo, path: str) -> list[int]:
    """The lines in which merge conflicts of a file begin; a marker without the two that follow it is none."""
    if _is_clean(repo, path):
        return []
    body = content(repo, path)
    if b"\n>>>>>>> " not in body or not all(pattern.search(body) for pattern in REST):
        return []
    return [body.count(b"\n", 0, found.start()) + 1 for found in MARKER.finditer(body)]


def _is_clean(repo: Repo, path: str) -> bool:
    """Whether YAML was read whole, and none of its texts holds what parts two versions: then there is no need to read it again."""
    file = repo.files.get(path) if not path.endswith(".json") else None
    return file is not None and not file.problems and not any(b"=" * 7 in manifest.raw for manifest in file.manifests)
