"""Where something is reached: the addresses of Services and Gateways, the listeners of a Gateway, and the Gateways that a route hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.existing.uses import GATEWAY
from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

ADDRESSES = (
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "kube-vip.io/loadbalancerIPs",
)
"""Annotations of a Service that ask for an address."""


def addresses(change: Change, _where: Where) -> Iterator[Impact]:
    """Services and Gateways that are found elsewhere: names in other people's DNS, firewalls and clients still lead to the former place."""
    if not change.before or not change.after or change.action == "renamed":
        return
    before, after = _addresses(change.before), _addresses(change.after)
    if before != after and before:
        to = (
            f"{', '.join(sorted(after))} instead of {', '.join(sorted(before))}"
            if after
            else f"no fixed address instead of {', '.join(sorted(before))}"
        )
        yield Impact(Level.CAREFUL, "network", f"is reached at {to}")


def _addresses(thing: RenderedObject) -> set[str]:
    if (thing.ref.group, thing.ref.kind) == (GATEWAY, "Gateway"):
        return {str(address.get("value")) for address in items(thing.get("spec", "addresses"))}
    if (thing.ref.group, thing.ref.kind) != ("", "Service"):
        return set()
    external = thing.get("spec", "externalIPs")
    asked = [thing.get("spec", "loadBalancerIP"), *(thing.get("metadata", "annotations", name) for name in ADDRESSES)]
    texts = [*(external if isinstance(external, list) else ()), *(part for text in asked if isinstance(text, str) for part in text.split(","))]
    return {str(text).strip() for text in texts} - {""}


def listeners(change: Change, _where: Where) -> Iterator[Impact]:
    """Ports at which a Gateway begins or ceases to listen, and routes of more namespaces that it takes."""
    if (change.ref.group, change.ref.kind) != (GATEWAY, "Gateway") or not change.before or not change.after:
        return
    before, after = _listeners(change.before), _listeners(change.after)
    ports = [{_port(listener) for listener in each.values()} for each in (before, after)]
    for port in sorted(ports[1] - ports[0]):
        yield Impact(Level.CAREFUL, "network", f"also listens at {port}", field="spec.listeners")
    for port in sorted(ports[0] - ports[1]):
        yield Impact(Level.CAREFUL, "network", f"does not listen at {port} any more", field="spec.listeners")
    for name in sorted(before.keys() & after.keys()):
        if _from(after[name]) == "All" != _from(before[name]):
            yield Impact(Level.CAREFUL, "network", f"listener {name} takes routes of every namespace", field="spec.listeners")


def _listeners(thing: RenderedObject) -> dict[str, Mapping[str, Any]]:
    return {str(listener.get("name")): listener for listener in items(thing.get("spec", "listeners"))}


def _port(listener: Mapping[str, Any]) -> str:
    return f"{listener.get('protocol')} {listener.get('port')}"


def _from(listener: Mapping[str, Any]) -> str:
    match listener:
        case {"allowedRoutes": {"namespaces": {"from": str(where)}}}:
            return where
    return "Same"


def parents(change: Change, _where: Where) -> Iterator[Impact]:
    """Gateways that a route hangs on beside, or instead of, those that it hung on."""
    if change.ref.group != GATEWAY or not change.before or not change.after or change.action == "renamed":
        return
    before, after = _parents(change.before), _parents(change.after)
    if after - before and before - after:
        words = f"is reached through {', '.join(sorted(after - before))} instead of {', '.join(sorted(before - after))}"
        yield Impact(Level.CAREFUL, "network", words, field="spec.parentRefs")
        return
    for parent in sorted(after - before):
        yield Impact(Level.CAREFUL, "network", f"is also reached through {parent}", field="spec.parentRefs")
    for parent in sorted(before - after):
        yield Impact(Level.CAREFUL, "network", f"is not reached through {parent} any more", field="spec.parentRefs")


def _parents(thing: RenderedObject) -> set[str]:
    return {
        "/".join((str(parent.get("kind", "Gateway")), str(parent.get("namespace", thing.ref.namespace)), str(parent.get("name"))))
        for parent in items(thing.get("spec", "parentRefs"))
    }


TELLING = (addresses, listeners, parents)
