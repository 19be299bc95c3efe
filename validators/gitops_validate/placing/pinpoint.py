"""The line that a failed build speaks of: kustomize names fields, ids and patches, not lines."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec.structs import replace

from gitops_validate.model.finding import Spot
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.model.place import route as own_route
from gitops_validate.model.render import Failure, FluxKustomization, Render
from gitops_validate.placing.kustomization import NAMES, patch_files
from gitops_validate.placing.quoted import Line, lines, quoted, whole
from gitops_validate.placing.routes import Route, leaves

FOLDER = re.compile(r"\bpath '([^']+)'")
AGAIN = "may not add resource with an already registered id"
TWICE = (AGAIN, "can not use behavior", "illegally repeats the key")
"""What kustomize says where something is there that may be there once only."""
NO_TARGET = "no resource matches strategic merge patch"
ID = re.compile(r"\b([A-Z]\w{1,63})\.[\w\[\]]{1,63}\.[^\s/]{1,253}/([\w.-]{1,253})\.[\w\[\]-]+")
"""kustomize's `Kind.version.group/name.namespace`."""
LISTED = re.compile(rf"merging resources from '(?:\./)?([^']+)': {AGAIN}")
LACKS = re.compile(r"missing (?:metadata\.)?(kind|name) in object")
DECLARED = ("patches", "components", "images", "postRenderers")
"""Fields of a reconciler that become part of the kustomization at its path, or of one that is made for its chart."""
OWN_PATCH = "/spec/patches/"
"""How the field of a failure begins that lies in a patch of the reconciler itself."""
CHART = "Chart.yaml"
CHART_SCHEMA = "values.schema.json"
SCHEMA = re.compile(rf"{re.escape(CHART_SCHEMA)}, line (\d+): ")
OF_CHART = frozenset({"chart-load", "missing-dependency"})
"""Reasons that lie in the file that describes a chart."""


def place(found: Failure, render: Render, repo: Repo, *field: str | int) -> Spot:
    """Where a failure is: the line that it names, a line that holds what its message quotes, the file, or a field of the reconciler."""
    if found.path in repo.digests and found.line:
        return Place(found.path, found.line, found.column)
    if found.field.startswith(OWN_PATCH):
        return render.reconciler.at(*own_route(found.field.removeprefix("/spec")))
    if schema := _broken_schema(found, repo):
        return schema
    files = list(_named(found, repo)) if found.path != render.path or found.path not in repo.digests else []
    for line in _listed(found, render, repo):
        return Place(*line)
    for spot in _identified(found, repo, files):
        return spot
    for line in _lines(found, repo, files):
        return Place(*line)
    if route := _declared(found, render):
        return _declared_line(found, render, repo) or render.reconciler.at(*route)
    return _whole_document(found, repo, files[0]) if files else render.reconciler.at(*field)


def _broken_schema(found: Failure, repo: Repo) -> Place | None:
    """The line of a chart's schema that is no JSON."""
    line, path = SCHEMA.match(found.message), posixpath.normpath(f"{found.path}/{CHART_SCHEMA}")
    return Place(path, int(line[1]), 1) if line and path in repo.digests else None


def _named(found: Failure, repo: Repo) -> Iterator[str]:
    """The file that a failure names, or the kustomization of its folder, and the patches of that; of a chart the file that describes it."""
    described = [f"{found.path}/{CHART}"] if found.reason in OF_CHART or "requires kubeVersion" in found.message else []
    for path in (found.path, *described, *_kustomizations(found.path)):
        if path in repo.digests:
            yield path
            yield from (patch for patch in patch_files(repo, path) if patch in repo.digests)


def _kustomizations(folder: str) -> list[str]:
    return [posixpath.normpath(f"{folder or '.'}/{name}") for name in NAMES]


def _identified(found: Failure, repo: Repo, files: list[str]) -> Iterator[Spot]:
    """The name in a document that has the id of a patch without a target, or of an object that is there once too often: the last one is too much."""
    id_ = ID.search(found.message) if AGAIN in found.message or NO_TARGET in found.message else None
    if id_ is None:
        return
    named = [each for each in repo.manifests if each.ref and (each.ref.kind, each.ref.name) == (id_[1], id_[2])]
    elsewhere = NO_TARGET in found.message and any(each.path not in files for each in named)
    for path in files:
        for manifest in reversed([each for each in named if each.path == path]):
            yield manifest.at("metadata", *(["namespace"] if elsewhere and manifest.ref and manifest.ref.namespace else ["name"]))


def _listed(found: Failure, render: Render, repo: Repo) -> Iterator[Line]:
    """The lines of a kustomization that list a file once more."""
    if again := LISTED.search(found.message):
        folder = [render.path, *FOLDER.findall(found.message)][-1]
        yield from (line for path in _kustomizations(folder) for line in list(lines(repo, path, again[1]))[1:])


def _lines(found: Failure, repo: Repo, files: list[str]) -> Iterator[Line]:
    """The lines of these files that hold what a message quotes. Of what is there twice, the last is too much."""
    for path in files:
        for text in quoted(found.message):
            there = list(lines(repo, path, text))
            yield from reversed(there) if any(words in found.message for words in TWICE) else there


def _declared(found: Failure, render: Render) -> Route:
    """Where the reconciler itself holds what a failure of the kustomization at its path quotes."""
    if isinstance(render.reconciler, FluxKustomization) and render.path not in (found.path, posixpath.dirname(found.path)):
        return ()
    own = [(route, leaf) for route, leaf in leaves({field: render.reconciler.spec.get(field) for field in DECLARED}) if isinstance(leaf, str)]
    return next((route for text in quoted(found.message) for route, leaf in own if whole(text).search(leaf)), ())


def _declared_line(found: Failure, render: Render, repo: Repo) -> Place | None:
    """The only line that holds what a failure quotes, in the file of the reconciler."""
    path = render.reconciler.object.origin.path if render.reconciler.object else ""
    there = next((held for text in quoted(found.message) if (held := list(lines(repo, path, text)))), [])
    return Place(*there[0], precision="patch") if len(there) == 1 else None


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
