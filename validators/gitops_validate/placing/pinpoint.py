"""The line that a failed build speaks of: kustomize names fields, ids and patches, not lines."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec.structs import replace

from gitops_validate.model.finding import Spot
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.model.render import Failure, FluxKustomization, Render
from gitops_validate.placing.kustomization import NAMES, patch_files
from gitops_validate.placing.quoted import Line, lines, quoted, whole
from gitops_validate.placing.routes import Route, leaves

FOLDER = re.compile(r"\bpath '([^']+)'")
AGAIN = "may not add resource with an already registered id"
LISTED = re.compile(rf"merging resources from '(?:\./)?([^']+)': {AGAIN}")
LACKS = re.compile(r"missing (?:metadata\.)?(kind|name) in object")
DECLARED = ("patches", "components", "images", "postRenderers")
"""Fields of a reconciler that become part of the kustomization at its path, or of one that is made for its chart."""
CHART = "Chart.yaml"
OF_CHART = frozenset({"chart-load", "missing-dependency"})
"""Reasons that lie in the file that describes a chart."""


def place(found: Failure, render: Render, repo: Repo, *field: str | int) -> Spot:
    """Where a failure is: the line that it names, a line that holds what its message quotes, the file, or a field of the reconciler."""
    if found.path in repo.digests and found.line:
        return Place(found.path, found.line, found.column)
    files = list(_named(found, repo)) if found.path != render.path or found.path not in repo.digests else []
    for line in _lines(found, render, repo, files):
        return Place(*line)
    if route := _declared(found, render):
        return render.reconciler.at(*route)
    return _whole_document(found, repo, files[0]) if files else render.reconciler.at(*field)


def _named(found: Failure, repo: Repo) -> Iterator[str]:
    """The file that a failure names, or the kustomization of its folder, and the patches of that; of a chart the file that describes it."""
    described = [f"{found.path}/{CHART}"] if found.reason in OF_CHART or "requires kubeVersion" in found.message else []
    for path in (found.path, *described, *_kustomizations(found.path)):
        if path in repo.digests:
            yield path
            yield from (patch for patch in patch_files(repo, path) if patch in repo.digests)


def _kustomizations(folder: str) -> list[str]:
    return [posixpath.normpath(f"{folder or '.'}/{name}") for name in NAMES]


def _lines(found: Failure, render: Render, repo: Repo, files: list[str]) -> Iterator[Line]:
    """The lines of these files that hold what a message quotes. Of what is there twice, the last is too much."""
    if again := LISTED.search(found.message):
        folder = [render.path, *FOLDER.findall(found.message)][-1]
        yield from (line for path in _kustomizations(folder) for line in list(lines(repo, path, again[1]))[1:])
    for path in files:
        for text in quoted(found.message):
            there = list(lines(repo, path, text))
            yield from reversed(there) if AGAIN in found.message else there


def _declared(found: Failure, render: Render) -> Route:
    """Where the reconciler itself holds what a failure of the kustomization at its path quotes."""
    if isinstance(render.reconciler, FluxKustomization) and render.path not in (found.path, posixpath.dirname(found.path)):
        return ()
    own = [(route, leaf) for route, leaf in leaves({field: render.reconciler.spec.get(field) for field in DECLARED}) if isinstance(leaf, str)]
    return next((route for text in quoted(found.message) for route, leaf in own if whole(text).search(leaf)), ())


def _whole_document(found: Failure, repo: Repo, path: str) -> Spot:
    """The first document of a file, or the one that lacks what a message misses."""
    manifests = repo.files[path].manifests if path in repo.files else ()
    lacks = LACKS.search(found.message)
    guilty = [manifest for manifest in manifests if lacks and not _has(manifest, lacks[1])]
    return next((replace(manifest.at(), precision="object") for manifest in (*guilty, *manifests)), Place(path, precision="file"))


def _has(manifest: Manifest, field: str) -> bool:
    """Whether a document has a kind, or a name."""
    match manifest.data:
        case {"kind": str()} if field == "kind":
            return True
        case {"metadata": {"name": str()}} if field == "name":
            return True
    return False
