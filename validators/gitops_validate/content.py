"""The content of files of a checkout, of those that no parser of Kubernetes reads too."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.manifest import Repo

UNREAD = ("irregular-", "large-")
"""What the digests of pipes, devices and very large files begin with: none of these is opened."""
LARGEST = 1 << 20
"""Bytes of a file that are looked through."""


def content(repo: Repo, path: str, most: int = LARGEST) -> bytes:
    """The first bytes of a file, none of one that is no plain file or cannot be read."""
    if repo.digests.get(path, UNREAD[0]).startswith(UNREAD):
        return b""
    try:
        with open(f"{repo.root}/{path}", "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def unparsed(repo: Repo) -> Iterator[tuple[str, list[str]]]:
    """Path and lines of each file that no document was read of: scripts, templates of charts, YAML that is broken. Binary files are left out."""
    for path in sorted(repo.digests):
        if path in repo.files and (repo.files[path].manifests or not repo.files[path].problems):
            continue
        body = content(repo, path)
        if b"\0" not in body:
            yield path, body.decode("utf-8", "replace").splitlines()
