"""Who reaches what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_OUTSIDE = ("LoadBalancer", "NodePort")
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "Ingress"})


def policies(change: Change, where: Where) -> Iterator[Impact]:
    """NetworkPolicies that go, or let more through."""
    if change.ref.kind != "NetworkPolicy" or not change.before:
        return
    if change.action == "removed":
        if not where.stays(change):
            yield Impact(Level.CAREFUL, "network", "the pods that it held back are open to whatever no other policy forbids")
        return
    for direction in ("ingress", "egress"):
        before, after = _allowed(change.before, direction), _allowed(change.after, direction)
        if more := after - before:
            level = Level.DANGEROUS if b"{}" in more and b"{}" not in before else Level.CAREFUL
            words = (
                "everything" if b"{}" in more else f"{len(more)} more {'source' if direction == 'ingress' else 'destination'}{'s' * (len(more) > 1)}"
            )
            yield Impact(level, "network", f"{direction} lets {words} through", field=f"spec.{direction}")
    if change.after and _types(change.before) - _types(change.after):
        yield Impact(Level.CAREFUL, "network", f"does not limit {', '.join(sorted(_types(change.before) - _types(change.after)))} any more")


def _allowed(thing: RenderedObject | None, direction: str) -> set[bytes]:
    return {orjson.dumps(rule, option=orjson.OPT_SORT_KEYS) for rule in items(thing.get("spec", direction))} if thing else set()


def _types(thing: RenderedObject) -> set[str]:
    found = thing.get("spec", "policyTypes")
    return {str(word) for word in found} if isinstance(found, list) else {"Ingress"}


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


TELLING = (policies, services, routes)
