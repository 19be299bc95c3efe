"""What merges leave behind in files."""

from __future__ import annotations

import re

from gitops_validate.content import content
from gitops_validate.model.manifest import Repo

MARKER = re.compile(rb"^<{7} .*$", re.MULTILINE)
REST = (re.compile(rb"^={7}\r?$", re.MULTILINE), re.compile(rb"^>{7} ", re.MULTILINE))


def conflicts(repo: Repo, path: str) -> list[int]:
    """The lines in which merge conflicts of a file begin; a marker without the two that follow it is none."""
    body = content(repo, path)
    if b"\n>>>>>>> " not in body or not all(pattern.search(body) for pattern in REST):
        return []
    return [body.count(b"\n", 0, found.start()) + 1 for found in MARKER.finditer(body)]
