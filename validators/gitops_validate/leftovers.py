"""What merges leave behind in files."""

from __future__ import annotations

import re

from gitops_validate.model.manifest import Repo

LARGEST = 1 << 20
"""Bytes up to which a file is looked into."""
UNREAD = ("irregular-", "large-")
"""What the digests of pipes, devices and very large files begin with: none of these is opened."""
MARKER = re.compile(rb"^<{7} .*$", re.MULTILINE)
REST = (re.compile(rb"^={7}\r?$", re.MULTILINE), re.compile(rb"^>{7} ", re.MULTILINE))


def conflicts(repo: Repo, path: str) -> list[int]:
    """The lines in which merge conflicts of a file begin; a marker without the two that follow it is none."""
    if repo.digests.get(path, UNREAD[0]).startswith(UNREAD) or _is_clean(repo, path):
        return []
    try:
        with (repo.root / path).open("rb") as file:
            content = file.read(LARGEST)
    except OSError:
        return []
    if b"\n>>>>>>> " not in content or not all(pattern.search(content) for pattern in REST):
        return []
    return [content.count(b"\n", 0, found.start()) + 1 for found in MARKER.finditer(content)]


def _is_clean(repo: Repo, path: str) -> bool:
    """Whether YAML was read whole, and none of its texts holds what parts two versions: then there is no need to read it again."""
    file = repo.files.get(path) if not path.endswith(".json") else None
    return file is not None and not file.problems and not any(b"=" * 7 in manifest.raw for manifest in file.manifests)
