"""What an environment refers to that may be another's: folders, hosts that it serves, buckets, namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate.building import link
from gitops_validate.existing.loose import entries, text
from gitops_validate.model.outline import Reference
from gitops_validate.model.render import FluxKustomization, HelmRelease, InObject, Rendered, RenderedObject
from gitops_validate.placing.routes import Route, leaves

_GATEWAY = "gateway.networking.k8s.io"
_BUCKETS = frozenset({"bucket", "bucketname", "bucketnames", "destinationpath"})
"""Fields that name a bucket."""
_SOME = re.compile(b"bucket|destinationpath")
"""What stands in objects that have one."""


def references(rendered: Rendered) -> Iterator[tuple[Reference, InObject]]:
    """Every reference that may lead into another environment, with where it stands."""
    for render in rendered.renders:
        reconciler = render.reconciler
        if isinstance(reconciler, FluxKustomization) and isinstance(spot := reconciler.at("path"), InObject):
            yield Reference("path", link.folder(reconciler.spec)), spot
        for thing in render.objects:
            if thing.ref.namespace and not isinstance(reconciler, HelmRelease):
                yield Reference("namespace", thing.ref.namespace), InObject(thing, ("metadata", "namespace"))
            yield from ((Reference("host", host), InObject(thing, route)) for route, host in _hosts(thing) if host)
            yield from ((Reference("bucket", bucket), InObject(thing, route)) for route, bucket in _named_buckets(thing))


def _hosts(thing: RenderedObject) -> Iterator[tuple[Route, str]]:
    """The hosts that an object serves, or has a certificate for."""
    match thing.ref.group, thing.ref.kind:
        case group, "HTTPRoute" | "GRPCRoute" | "TLSRoute" if group == _GATEWAY:
            yield from _texts(thing, "spec", "hostnames")
        case group, "Gateway" if group == _GATEWAY:
            yield from (((*route, "hostname"), text(entry.get("hostname"))) for route, entry in entries(thing.data, "spec", "listeners"))
        case "networking.k8s.io", "Ingress":
            yield from (((*route, "host"), text(entry.get("host"))) for route, entry in entries(thing.data, "spec", "rules"))
        case "cert-manager.io", "Certificate":
            yield from _texts(thing, "spec", "dnsNames")


def _texts(thing: RenderedObject, *route: str) -> Iterator[tuple[Route, str]]:
    listed = thing.get(*route)
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        yield (*route, index), text(each)


def _named_buckets(thing: RenderedObject) -> Iterator[tuple[Route, str]]:
    if thing.ref.kind in ("Secret", "CustomResourceDefinition") or not _SOME.search(thing.raw.lower()):
        return
    for route, value in leaves(thing.data):
        if isinstance(value, str) and value and any(str(step).lower() in _BUCKETS for step in route[-2:]):
            yield route, value
