"""What kustomize gives all objects alike: the field of a kustomization, or of a reconciler, that one of their fields comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route, existing, get

NAMESPACE = ("namespace", "targetNamespace")
NAME: Mapping[str, Callable[[str, str], bool]] = {"namePrefix": str.startswith, "nameSuffix": str.endswith}
"""The fields that become part of a name, and where in it they are."""


def transformer(repo: Repo, rendered: RenderedObject, route: Route, value: Any) -> At | None:
    """Where a kustomization gave an object a namespace, a label, an annotation, a part of its name or a count, the last one first."""
    for path in reversed(rendered.origin.patches):
        file = repo.files.get(path)
        for manifest in file.manifests if file else ():
            steps = given(manifest.data, rendered, route, value)
            if steps:
                return At(manifest.path, manifest.document, steps, precision="patch")
    return None


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
    listed = fields.get(name)
    return [(name, index) for index, entry in enumerate(listed if isinstance(listed, list) else ()) if isinstance(entry, dict)]
