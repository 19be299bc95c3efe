"""Where sources and images come from, and whether that is the mirror of the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_validate.building import link
from gitops_validate.existing.images import full_name
from gitops_validate.existing.index import Existing
from gitops_validate.existing.loose import text
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import FluxKustomization, InObject, RenderedObject
from gitops_validate.workloads.inventory import running

SOURCES = ("GitRepository", "HelmRepository", "OCIRepository", "Bucket")


def own_source(existing: Existing) -> ReconcilerRef | None:
    """The source that an environment itself is synced from, None if nothing in it says so."""
    for render in existing.rendered.renders:
        if isinstance(render.reconciler, FluxKustomization) and link.folder(render.reconciler.spec) == existing.rendered.environment.path:
            return link.source(render.reconciler)
    return None


def addresses(existing: Existing) -> Iterator[tuple[RenderedObject, InObject, str]]:
    """The addresses of sources, and of the artifact that a FluxInstance takes Flux's manifests from."""
    for kind in SOURCES:
        field = "endpoint" if kind == "Bucket" else "url"
        yield from ((each, each.at("spec", field), text(each.get("spec", field))) for each in existing.of(kind, link.SOURCE))
    for each in existing.of("FluxInstance", link.OPERATOR):
        yield each, each.at("spec", "distribution", "artifact"), text(each.get("spec", "distribution", "artifact"))


def images(existing: Existing) -> Iterator[tuple[RenderedObject, InObject, str]]:
    """The images that objects run, and the registry that a FluxInstance takes Flux's from."""
    for each in existing.objects:
        yield from ((each, each.at(*route), image) for route, image in running(each))
    for each in existing.of("FluxInstance", link.OPERATOR):
        if registry := text(each.get("spec", "distribution", "registry")):
            yield each, each.at("spec", "distribution", "registry"), f"{registry}/"


def is_inside(address: str) -> bool:
    """Whether an address leads to something in the cluster itself."""
    host = _place(address).partition("/")[0].partition(":")[0].lower()
    return host.endswith((".svc", ".svc.cluster.local", ".cluster.local")) or host in ("localhost", "127.0.0.1") or "." not in host


def is_source_below(address: str, mirror: Sequence[str]) -> bool:
    """Whether an address, whatever its scheme and user, is one of these, or below one."""
    place = _place(address)
    return any(place == prefix or place.startswith(f"{prefix}/") for prefix in mirror)


def is_image_below(image: str, mirror: Sequence[str]) -> bool:
    """Whether an image, or all that begins with its name, is one of these, or below one."""
    name = full_name(image)
    return any(name.startswith((f"{prefix}/", f"{prefix}:", f"{prefix}@")) or name == prefix for prefix in mirror)


def _place(address: str) -> str:
    """Host and path of an address."""
    rest = address.rpartition("://")[2]
    host, slash, path = rest.partition("/")
    return host.rpartition("@")[2] + slash + path.rstrip("/")
