"""What kustomize gives all objects alike: the field of a kustomization, or of a reconciler, that one of their fields comes from."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gitops_validate.existing.loose import entries
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route, existing, get

NAMESPACE = ("namespace", "targetNamespace")
NAME: Mapping[str, Callable[[str, str], bool]] = {"namePrefix": str.startswith, "nameSuffix": str.endswith}
"""The fields that become part of a name, and where in it they are."""


PARTS = re.compile(r"(?:[^.\\\[]|\\.|\[[^\]]*\])+")
"""The steps of a field path of kustomize's: a dot may be escaped, or stand between brackets."""
WHERE = re.compile(r"\[([^=\]]+)=(.*)\]")
"""The step to an item of a list that has a certain value in a field."""


def transformer(repo: Repo, rendered: RenderedObject, route: Route, value: Any) -> At | None:
    """Where a kustomization gave an object a namespace, a label, an annotation, a part of its name or a count, the last one first."""
    for path in reversed(rendered.origin.patches):
        file = repo.files.get(path)
        for manifest in file.manifests if file else ():
            steps = given(manifest.data, rendered, route, value)
            if steps:
                return At(manifest.path, manifest.document, steps, precision="patch")
            if replaced := _replaced(repo, manifest, rendered, route):
                return replaced
    return None


def _replaced(repo: Repo, kustomization: Manifest, rendered: RenderedObject, route: Route) -> At | None:
    """The field path of a replacement of a kustomization, or of a file that it names, that leads to a field."""
    for here, entry in entries(kustomization.data, "replacements"):
        for steps in _paths_to(entry, rendered, route):
            return At(kustomization.path, kustomization.document, (*here, *steps), precision="patch")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(kustomization.path), str(entry.get("path") or "")))
        for manifest in repo.files[path].manifests if path in repo.files else ():
            for inside, other in [((), manifest.data)] if isinstance(manifest.data, dict) else entries(manifest.data):
                for steps in _paths_to(other, rendered, route):
                    return At(path, manifest.document, (*inside, *steps), precision="patch")
    return None


def _paths_to(replacement: dict[str, Any], rendered: RenderedObject, route: Route) -> Iterator[Route]:
    for here, target in entries(replacement, "targets"):
        select = target.get("select")
        fits = isinstance(select, dict) and select.get("kind") in (None, rendered.ref.kind) and str(select.get("name") or "") in rendered.ref.name
        listed = target.get("fieldPaths")
        for number, path in enumerate(listed if fits and isinstance(listed, list) else ()):
            if _leads(str(path), rendered.data, route):
                yield *here, "fieldPaths", number


def _leads(path: str, data: Any, route: Route) -> bool:
    """Whether a field path of kustomize's leads to a field."""
    parts = PARTS.findall(path)
    if len(parts) != len(route) or existing(data, route) != route:
        return False
    for part, step in zip(parts, route, strict=True):
        data = data[step]
        where = WHERE.fullmatch(part)
        if where and isinstance(data, dict):
            if str(data.get(where[1])) != where[2]:
                return False
        elif part != "*" and part.replace("\\.", ".").strip("[]") != str(step):
            return False
    return True


def given(fields: Any, rendered: RenderedObject, route: Route, value: Any) -> Route:
    """The field of a kustomization, or of a reconciler, which has some of the same, that a value comes from; () if there is none."""
    for steps in _likely(fields, rendered, route, value) if isinstance(fields, dict) else ():
        if existing(fields, steps) == steps and (steps[0] in NAME or get(fields, steps) == value):
            return steps
    return ()


def _likely(fields: dict[str, Any], rendered: RenderedObject, route: Route, value: Any) -> Iterator[Route]:
    match route:
        case ("metadata", "namespace") | (*_, "subjects", _, "namespace"):
            yield from ((name,) for name in NAMESPACE)
        case ("metadata", "name"):
            yield from ((name,) for name, fits in NAME.items() if fields.get(name) and fits(str(value), str(fields[name])))
        case ("spec", "replicas"):
            yield from (
                (*entry, "count") for entry in _entries(fields, "replicas") if str(get(fields, entry).get("name") or "\0") in rendered.ref.name
            )
        case (*_, "annotations", str(key)):
            yield from (("commonAnnotations", key), ("commonMetadata", "annotations", key))
        case (*_, "labels" | "matchLabels" | "selector", str(key)):
            yield from (("commonLabels", key), ("commonMetadata", "labels", key), *((*entry, "pairs", key) for entry in _entries(fields, "labels")))


def _entries(fields: dict[str, Any], name: str) -> list[Route]:
    """The routes to the entries of a list."""
    return [route for route, _ in entries(fields, name)]
