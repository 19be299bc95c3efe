"""Who reaches what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.impacts.blocks import WORLD, holds
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_OUTSIDE = ("LoadBalancer", "NodePort")
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "Ingress"})
_CLASS = "kubernetes.io/ingress.class"


def services(change: Change, _where: Where) -> Iterator[Impact]:
    """Services that are reached from outside the cluster, and by whom; and what they lead to."""
    if (change.ref.group, change.ref.kind) != ("", "Service") or change.after is None:
        return
    old, new = (thing.get("spec", "type") or "ClusterIP" if thing else "ClusterIP" for thing in (change.before, change.after))
    if new != old and new in _OUTSIDE:
        yield Impact(Level.CAREFUL, "network", f"is reached from outside the cluster: {new}", field="spec.type")
    if old != new and old in _OUTSIDE and new not in _OUTSIDE:
        yield Impact(Level.CAREFUL, "network", "is not reached from outside the cluster any more", field="spec.type")
    if change.before is None:
        return
    if change.before.get("spec", "selector") != change.after.get("spec", "selector"):
        yield Impact(Level.CAREFUL, "network", "sends its traffic to other pods", field="spec.selector")
    was, is_ = (thing.get("spec", "externalName") if kind == "ExternalName" else None for thing, kind in ((change.before, old), (change.after, new)))
    if is_ and was != is_:
        yield Impact(Level.CAREFUL, "network", f"leads to {is_} instead of {was or 'pods of the cluster'}", field="spec.externalName")
    if old == new == "LoadBalancer":
        before, after = _ranges(change.before), _ranges(change.after)
        more = [block for block in after if not any(holds(wide, block) for wide in before)]
        if more:
            words = "everybody" if WORLD[0] in more else ", ".join(more)
            yield Impact(Level.CAREFUL, "network", f"also lets {words} in from outside", field="spec.loadBalancerSourceRanges")


def _ranges(thing: RenderedObject) -> list[str]:
    """The addresses outside that a load balancer lets in."""
    found = thing.get("spec", "loadBalancerSourceRanges")
    return [str(each) for each in found] if isinstance(found, list) and found else list(WORLD)


def ingresses(change: Change, _where: Where) -> Iterator[Impact]:
    """An Ingress of another controller, and hosts that are served in the clear from now on."""
    if change.ref.kind != "Ingress" or not change.before or not change.after:
        return
    old, new = (thing.get("spec", "ingressClassName") or thing.get("metadata", "annotations", _CLASS) for thing in (change.before, change.after))
    if old != new:
        yield Impact(
            Level.CAREFUL, "network", f"is served by the class {new or '(default)'} instead of {old or '(default)'}", field="spec.ingressClassName"
        )
    for host in sorted((_encrypted(change.before) - _encrypted(change.after)) & _hosts(change.after)):
        yield Impact(Level.CAREFUL, "network", f"serves {host} without TLS", field="spec.tls")


def _encrypted(ingress: RenderedObject) -> set[str]:
    """The hosts that an Ingress serves by TLS; a section without hosts is for all."""
    sections = [section.get("hosts") for section in items(ingress.get("spec", "tls"))]
    return {str(host) for hosts in sections for host in (hosts if isinstance(hosts, list) and hosts else _hosts(ingress))}


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
    every = "every host" if thing.ref.kind == "Ingress" else None
    names: list[Any] = [rule.get("host") or every for rule in items(thing.get("spec", "rules"))]
    hosts = thing.get("spec", "hostnames")
    names += hosts if isinstance(hosts, list) else []
    names += [listener.get("hostname") for listener in items(thing.get("spec", "listeners"))]
    return {name for name in names if isinstance(name, str)}


TELLING = (services, ingresses, routes)
