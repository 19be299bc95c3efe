"""Root causes speak once: why a render failed, unless something else has said so already."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from gitops_validate import link
from gitops_validate.kustomization import NAMES, generated_from, is_kustomization
from gitops_validate.model.finding import Spot
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo, YamlFile
from gitops_validate.model.place import At, Place
from gitops_validate.model.render import Failure, Render, Rendered
from gitops_validate.routes import get, leaves

NAMED = frozenset(
    {"dangling-source", "invalid-variable", "missing-path", "outside-path", "remote-reference", "unset-variable", "values-from", "values-schema"}
)
"""Reasons that have a rule of their own; kustomize-build and helm-render say all others."""


def failure(render: Render, rendered: Rendered, repo: Repo) -> Failure | None:
    """The failure of a render; None if a file that cannot be read or an object that the API server refuses explains it."""
    found = render.failure
    if found is None or _is_refused(render, rendered) or any(_concerns(found, path) for path in _broken(repo)):
        return None
    return None if any(path in repo.files and repo.files[path].problems for path in _values_files(render, rendered, repo)) else found


def may_exist(ref: ReconcilerRef, rendered: Rendered, repo: Repo) -> bool:
    """Whether an object that was not rendered may still come to be: from a reconciler that failed, or from one that is not evaluated."""
    if any((rendered_object.ref.group, rendered_object.ref.kind) in link.NOT_EVALUATED for rendered_object in rendered.objects):
        return True
    if all(render.failure is None and not (render.incomplete and not render.objects) for render in rendered.renders):
        return False
    written = (manifest.ref for manifest in repo.manifests if manifest.ref and manifest.ref.kind == ref.kind)
    return any(declared.name and declared.name in ref.name for declared in written)


def _is_refused(render: Render, rendered: Rendered) -> bool:
    declared = render.reconciler.object
    return any(verdict.object is declared and verdict.verdict == "rejected" for verdict in rendered.verdicts if declared is not None)


def _broken(repo: Repo) -> Iterator[str]:
    return (path for path, file in repo.files.items() if file.problems)


def _concerns(found: Failure, path: str) -> bool:
    """Whether a failure is about a file: it is its path, or its message names it as kustomize and Helm do, by any end of the path."""
    if found.path == path:
        return True
    name = re.escape(posixpath.basename(path))
    near = posixpath.dirname(found.path) if posixpath.splitext(found.path)[1] else found.path
    return posixpath.dirname(path).startswith(near.rstrip("./")) and re.search(rf"(^|[\s'\"/:]){name}($|[\s'\":;,)])", found.message) is not None


def _values_files(render: Render, rendered: Rendered, repo: Repo) -> Iterator[str]:
    for reference in link.inputs(render.reconciler):
        held = rendered.by_kind.get(reference.identity)
        if held is not None:
            yield held.origin.path
            yield generated_from(repo, held, reference.key or "values.yaml")


def place(found: Failure, render: Render, repo: Repo, *field: str) -> Spot:
    """Where a failure is: the line that it names, the entry of the kustomization that its message quotes, or a field of the reconciler."""
    if found.path in repo.digests and found.line:
        return Place(found.path, found.line, found.column)
    for path in (found.path, *(posixpath.normpath(f"{found.path or '.'}/{name}") for name in NAMES)):
        if path in repo.files and is_kustomization(path):
            return _quoted(repo.files[path], found.message)
    return Place(found.path, precision="file") if found.path in repo.digests else render.reconciler.at(*field)


def _quoted(file: YamlFile, message: str) -> Spot:
    """The longest string of a kustomization that the message holds as a word of its own."""
    entries = (manifest.at(*steps) for manifest in file.manifests for steps, leaf in leaves(manifest.data) if _is_quoted(leaf, message))
    return max(entries, key=lambda at: len(str(get(file.manifests[0].data, at.route))), default=At(file.path, precision="object"))


def _is_quoted(leaf: object, message: str) -> bool:
    return isinstance(leaf, str) and len(leaf) > 2 and re.search(rf"(^|[\s'\"/:(]){re.escape(leaf)}($|[\s'\":;,)])", message) is not None
