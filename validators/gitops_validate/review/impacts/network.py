"""Who reaches what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_OUTSIDE = ("LoadBalancer", "NodePort")
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "Ingress"})


def services(change: Change, _where: Where) -> Iterator[Impact]:
    """Services that are reached from outside the cluster."""
    if change.ref.kind != "Service" or change.after is None:
        return
    old = (change.before.get("spec", "type") if change.before else None) or "ClusterIP"
    new = change.after.get("spec", "type") or "ClusterIP"
    if new != old and new in _OUTSIDE:
        yield Impact(Level.CAREFUL, "network", f"is reached from outside the cluster: {new}", field="spec.type")
    if change.before and change.before.get("spec", "selector") != change.after.get("spec", "selector"):
        yield Impact(Level.CAREFUL, "network", "sends its traffic to other pods", field="spec.selector")


def routes(change: Change, _where: Where) -> Iterator[Impact]:
    """Hosts that begin or cease to be served."""
    if change.ref.kind not in _ROUTES and change.ref.kind != "Gateway":
        return
    before, after = _hosts(change.before), _hosts(change.after)
    if change.after:
        for host in sorted(after - before):
            yield Impact(Level.CAREFUL if change.before else Level.ROUTINE, "network", f"serves {host}")
    if change.action == "modified":
        for host in sorted(before - after):
            yield Impact(Level.CAREFUL, "network", f"does not serve {host} any more")


def _hosts(thing: RenderedObject | None) -> set[str]:
    if thing is None:
        return set()
    names: list[Any] = [rule.get("host") for rule in items(thing.get("spec", "rules"))]
    hosts = thing.get("spec", "hostnames")
    names += hosts if isinstance(hosts, list) else []
    names += [listener.get("hostname") for listener in items(thing.get("spec", "listeners"))]
    return {name for name in names if isinstance(name, str)}


TELLING = (services, routes)
