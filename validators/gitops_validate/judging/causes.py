"""Root causes speak once: why a render failed, unless something else has said so already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from gitops_validate.building import link
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Failure, FluxKustomization, Render, Rendered
from gitops_validate.placing.kustomization import generated_from, is_left_alone, reach

NAMED = frozenset(
    {
        "dangling-source",
        "encrypted-identity",
        "encrypted-secret",
        "invalid-variable",
        "missing-path",
        "not-a-directory",
        "outside-path",
        "remote-reference",
        "unset-variable",
        "values-from",
        "values-schema",
    }
)
"""Reasons that have a rule of their own; kustomize-build and helm-render say all others."""
OF_VALUES = frozenset({"helm-render", "values-schema"})
"""Reasons that may lie in the values, which say nothing as long as not all values are known."""
NOISE = (re.compile(r" with config: `.*?`", re.DOTALL), re.compile(r" from \[patch: .*\]", re.DOTALL), re.compile(r" generator &\{[^}]*\}"))
"""What kustomize repeats of its configuration, and addresses in its memory."""

AS_FILE = re.compile(r"accumulating resources: accumulation err='(accumulating resources from '[^']*': )read [^']*: is a directory': ")
AS_FOLDER = re.compile(r"accumulating resources: accumulation err='(.*)': must build at directory: '[^']*': file is not directory$")
"""kustomize tries an entry as a file and then as a folder, and tells both: what it says of the one that the entry is not says nothing."""


def failure(render: Render, rendered: Rendered, repo: Repo) -> Failure | None:
    """The failure of a render; None if a file that cannot be read, an object that the API server refuses or values that are not known may explain it."""
    found = render.failure
    if found is None or _is_refused(render, rendered) or (found.reason in OF_VALUES and _lacks_values(render)):
        return None
    broken = [path for path, file in repo.files.items() if file.problems]
    read = set(_read(render, rendered, repo)) if broken else set()
    if any((path in read or path.startswith(f"{found.path}/")) and not is_left_alone(repo, path, lambda: read) for path in broken):
        return None
    return replace(found, message=_settled(found.message))


def may_exist(ref: ReconcilerRef, rendered: Rendered, repo: Repo) -> bool:
    """Whether an object may still come to be: once it names a namespace, from a Kustomization that failed, or from what is not evaluated."""
    if any(each.nowhere and (each.object.ref.kind, each.object.ref.name) == (ref.kind, ref.name) for each in rendered.verdicts):
        return True
    if any((each.ref.group, each.ref.kind) in link.NOT_EVALUATED for each in rendered.objects):
        return True
    if not any(_held_back(render, ref) for render in rendered.renders):
        return False
    written = (manifest.ref for manifest in repo.manifests if manifest.ref and manifest.ref.kind == ref.kind)
    return any(each.name and each.name in ref.name and each.namespace in ("", ref.namespace) for each in written)


def _held_back(render: Render, ref: ReconcilerRef) -> bool:
    """Whether a Kustomization has no objects for another reason than that `ref` itself is missing."""
    failed = render.failure is not None and not (render.failure.reason == "dangling-source" and render.source == ref)
    return isinstance(render.reconciler, FluxKustomization) and (failed or bool(render.incomplete and not render.objects))


def _is_refused(render: Render, rendered: Rendered) -> bool:
    declared = render.reconciler.object
    return any(verdict.object is declared and verdict.verdict == "rejected" for verdict in rendered.verdicts if declared is not None)


def _lacks_values(render: Render) -> bool:
    """Whether values count as empty because they are encrypted, pending or made in the cluster."""
    return any(gap.what == "encrypted-values" for gap in render.incomplete)


def _read(render: Render, rendered: Rendered, repo: Repo) -> Iterator[str]:
    """The files that a render is made of: what its folder reaches, and where its values or variables come from."""
    if isinstance(render.reconciler, FluxKustomization):
        yield from reach(repo, render.path or ".")
    for reference in link.inputs(render.reconciler):
        held = rendered.by_kind.get(reference.identity)
        if held is not None:
            yield held.origin.path
            made = rendered.reconcilers.get(held.reconciler)
            yield generated_from(repo, made.path if made else ".", held, reference.key or "values.yaml")


def _settled(message: str) -> str:
    """One line that is the same in each run, without the configuration that kustomize repeats, which may hold anything."""
    for pattern in NOISE:
        message = pattern.sub("", message)
    return AS_FOLDER.sub(r"\1", AS_FILE.sub(r"\1", " ".join(message.split())))
