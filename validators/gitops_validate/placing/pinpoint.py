"""The line that a failed build speaks of: kustomize names fields, ids and patches, not lines."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec.structs import replace

from gitops_validate.model.finding import Spot
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.model.render import Failure, Render
from gitops_validate.placing.kustomization import NAMES, patch_files

MOST = 50
"""Quotations of one message that a file is looked through for."""
QUOTED = re.compile(
    r"(?=['\"]([^'\"\n]+)['\"])|(?<=\s)(/[^\s:]+)|\b[A-Z]\w{1,63}+\.\w{1,63}+\.[^\s/]{1,253}+/([\w.-]{1,253})\.[\w\[\]-]+|struct field [\w.]*\.(\w+) of"
)
"""What a message quotes: strings, JSON Pointers, the name in kustomize's `Kind.version.group/name.namespace`, a field of its types."""


def place(found: Failure, render: Render, repo: Repo, *field: str) -> Spot:
    """Where a failure is: the line that it names, a line that holds what its message quotes, the file, or a field of the reconciler."""
    if found.path in repo.digests and found.line:
        return Place(found.path, found.line, found.column)
    files = list(_named(found, repo)) if found.path != render.path or found.path not in repo.digests else []
    for path in files:
        for line, column, end in _mentions(repo, path, found.message):
            return Place(path, line, column, end)
    if not files:
        return render.reconciler.at(*field)
    manifests = repo.files[files[0]].manifests if files[0] in repo.files else ()
    return replace(manifests[0].at(), precision="object") if manifests else Place(files[0], precision="file")


def _named(found: Failure, repo: Repo) -> Iterator[str]:
    """The file that a failure names, or the kustomization of its folder, and the patches of that."""
    for path in (found.path, *(posixpath.normpath(f"{found.path or '.'}/{name}") for name in NAMES)):
        if path in repo.digests:
            yield path
            yield from (patch for patch in patch_files(repo, path) if patch in repo.digests)


def _mentions(repo: Repo, path: str, message: str) -> Iterator[tuple[int, int, int]]:
    """Where a file holds what a message quotes: the longest quotation first, as line, column and end."""
    quoted = {found[found.lastindex or 0] for found in QUOTED.finditer(message)}
    lines = (repo.root / path).read_text("utf-8", "replace").splitlines() if path in repo.files and repo.files[path].manifests else []
    for text in sorted(quoted, key=lambda text: (-len(text), text))[:MOST]:
        pattern = re.compile(rf"(?:^|[\s'\":=\[])({re.escape(text)})(?:$|[\s'\":,\]])")
        for number, line in enumerate(lines, 1):
            match = None if line.lstrip().startswith("#") else pattern.search(line)
            if match:
                yield number, match.start(1) + 1, match.end(1) + 1
