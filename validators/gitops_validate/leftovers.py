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
    if repo.digests.get(path, UNREAD[0]).startswith(UNREAD):
        return []
    try:
        with (repo.root / path).open("rb") as file:
            content = file.read(LARGEST)
    except OSError:
        return []
    if b"\n>>>>>>> " not in content or not all(pattern.search(content) for pattern in REST):
        return []
    return [content.count(b"\n", 0, found.start()) + 1 for found in MARKER.finditer(content)]
