"""What refers to what: which reconcilers an object declares, where they take their files from, what they need to be built."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import FluxKustomization, HelmRelease, Reconciler, RenderedObject

KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
HELM = "helm.toolkit.fluxcd.io"
SOURCE = "source.toolkit.fluxcd.io"
OPERATOR = "fluxcd.controlplane.io"
ARGO = "argoproj.io"

RECONCILERS = frozenset({"Kustomization", "HelmRelease", "FluxInstance"})
"""Kinds, of whatever group, that may declare a reconciler."""
NOT_EVALUATED = {
    (OPERATOR, "ResourceSet"),
    ("source.extensions.fluxcd.io", "ArtifactGenerator"),
    (SOURCE, "ExternalArtifact"),
    (ARGO, "Application"),
    (ARGO, "ApplicationSet"),
}
"""Reconcilers, by group and kind, whose objects are not rendered here: each is reported as incomplete."""


class Reference(Struct, frozen=True):
    """An entry of valuesFrom or substituteFrom; `key` is valuesKey or "", `target` is targetPath or ""."""

    kind: str
    namespace: str
    name: str
    optional: bool = False
    key: str = ""
    target: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What `Rendered.by_kind` knows the object by."""
        return self.kind, self.namespace, self.name

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


def entry(environment: Environment, own: str = "") -> FluxKustomization:
    """The root reconciler that Flux's bootstrap would make for an environment that declares none itself. `own` is a source that is the checkout."""
    kind, namespace, name = (own or "GitRepository/flux-system/flux-system").split("/", 2)
    spec = {"path": environment.path, "sourceRef": {"kind": kind, "namespace": namespace, "name": name}}
    return FluxKustomization(ReconcilerRef("Kustomization", "flux-system", "flux-system"), environment.name, None, spec)


def reconcilers(rendered: RenderedObject) -> Iterator[Reconciler]:
    """The reconcilers that an object declares: itself, or the one that a FluxInstance makes of its sync."""
    spec = rendered.data.get("spec") if rendered.ref.kind in RECONCILERS else None
    if not isinstance(spec, dict):
        return
    ref = ReconcilerRef(rendered.ref.kind, rendered.ref.namespace or "default", rendered.ref.name)
    match rendered.ref.group, rendered.ref.kind:
        case (_, "Kustomization") if rendered.ref.group == KUSTOMIZE:
            yield FluxKustomization(ref, rendered.environment, rendered, spec)
        case (_, "HelmRelease") if rendered.ref.group == HELM:
            yield HelmRelease(ref, rendered.environment, rendered, spec)
        case (_, "FluxInstance") if rendered.ref.group == OPERATOR:
            match spec.get("sync"):
                case {"path": str(path), "kind": str(kind), **sync}:
                    name = str(sync.get("name") or ref.namespace)
                    synced = {"path": path, "sourceRef": {"kind": kind, "name": name}}
                    yield FluxKustomization(ReconcilerRef("Kustomization", ref.namespace, name), rendered.environment, rendered, synced)


def folder(spec: Mapping[str, Any]) -> str:
    """The path of a Kustomization, relative to the root of its source: "." for the root itself. As in kustomize-controller nothing leads above that."""
    return posixpath.normpath(f"/{named_folder(spec)}").lstrip("/") or "."


def named_folder(spec: Mapping[str, Any]) -> str:
    """The same as it is named; it may lead out of the source."""
    return posixpath.normpath(str(spec.get("path") or ".").lstrip("/") or ".")


def source(reconciler: Reconciler) -> ReconcilerRef | None:
    """What a reconciler takes its files or its chart from; None when its spec names nothing, which the API server refuses anyway."""
    match reconciler.spec:
        case {"sourceRef": {"kind": str(kind), "name": str(name), **rest}} if isinstance(reconciler, FluxKustomization):
            return ReconcilerRef(kind, str(rest.get("namespace") or reconciler.ref.namespace), name)
        case {"chartRef": {"kind": str(kind), "name": str(name), **rest}}:
            return ReconcilerRef(kind, str(rest.get("namespace") or reconciler.ref.namespace), name)
        case {"chart": {"spec": {"sourceRef": {"kind": str(kind), "name": str(name), **rest}}}}:
            return ReconcilerRef(kind, str(rest.get("namespace") or reconciler.ref.namespace), name)
    return None


def inputs(reconciler: Reconciler) -> tuple[Reference, ...]:
    """The ConfigMaps and Secrets that a reconciler reads before it builds, in the order in which later ones win."""
    post_build = reconciler.spec.get("postBuild")
    entries = (
        post_build.get("substituteFrom")
        if isinstance(reconciler, FluxKustomization) and isinstance(post_build, dict)
        else reconciler.spec.get("valuesFrom")
        if isinstance(reconciler, HelmRelease)
        else ()
    )
    return tuple(_references(entries if isinstance(entries, list) else (), reconciler.ref.namespace))


def _references(entries: Any, namespace: str) -> Iterator[Reference]:
    for item in entries:
        match item:
            case {"kind": str(kind), "name": str(name), **rest}:
                yield Reference(
                    kind, namespace, name, rest.get("optional") is True, str(rest.get("valuesKey") or ""), str(rest.get("targetPath") or "")
                )
