"""NetworkPolicies that go, hold other pods, or let more through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.impacts.blocks import WORLD, holds
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

Half = Mapping[str, Any] | None
"""A peer or a port of a rule; None for every one."""
Way = tuple[Half, Half]
"""One peer and one port that a rule lets through."""
_PEERS = {"Ingress": "from", "Egress": "to"}
_WORDS = {"Ingress": "source", "Egress": "destination"}


def policies(change: Change, where: Where) -> Iterator[Impact]:
    """What a policy holds back no more."""
    if not change.ref.kind.endswith("NetworkPolicy") or not change.before:
        return
    if change.action == "removed" and not where.stays(change):
        yield Impact(Level.CAREFUL, "network", "the pods that it held back are open to whatever no other policy forbids")
    if not change.after or change.ref.group != "networking.k8s.io":
        return
    if _selector(change.before) != _selector(change.after):
        yield Impact(Level.CAREFUL, "network", "holds back other pods than before", field="spec.podSelector")
    for direction in ("Ingress", "Egress"):
        if direction not in _limited(change.before):
            continue
        if direction in _limited(change.after):
            yield from _opened(direction, _ways(change.before, direction), _ways(change.after, direction))
        else:
            yield Impact(Level.CAREFUL, "network", f"does not limit {direction} any more", field="spec.policyTypes")


def _selector(thing: RenderedObject) -> Any:
    return thing.get("spec", "podSelector") or {}


def _limited(thing: RenderedObject) -> set[str]:
    """The directions that a policy limits; one that does not say limits Egress where it has rules for it."""
    found = thing.get("spec", "policyTypes")
    if isinstance(found, list) and found:
        return {str(word) for word in found}
    return {"Ingress", "Egress"} if items(thing.get("spec", "egress")) else {"Ingress"}


def _ways(thing: RenderedObject, direction: str) -> list[Way]:
    rules = items(thing.get("spec", direction.lower()))
    return [way for rule in rules for way in product(_each(rule.get(_PEERS[direction])), _each(rule.get("ports")))]


def _each(value: Any) -> list[Half]:
    """The items of a list; an empty one stands for everything."""
    return [*items(value)] or [None]


def _opened(direction: str, before: Iterable[Way], after: Iterable[Way]) -> Iterator[Impact]:
    """What is let through that was not: everything, or more of it."""
    more = [way for way in after if not any(_reaches(one[0], way[0]) and _serves(one[1], way[1]) for one in before)]
    if not more:
        return
    peers = [peer for peer, _ in more if not any(_reaches(one, peer) for one, _ in before)]
    number = len({repr(peer) for peer in peers})
    if (None, None) in more:
        words = "everything"
    elif any(_is_world(peer) for peer in peers):
        words = f"every {_WORDS[direction]}"
    else:
        words = f"{number} more {_WORDS[direction]}{'s' * (number > 1)}" if number else "more ports"
    level = Level.DANGEROUS if any(_is_world(peer) and port is None for peer, port in more) else Level.CAREFUL
    yield Impact(level, "network", f"{direction.lower()} lets {words} through", field=f"spec.{direction.lower()}")


def _is_world(peer: Half) -> bool:
    match peer:
        case None:
            return True
        case {"ipBlock": {"cidr": str(cidr), **rest}}:
            return cidr in WORLD and not rest.get("except")
    return False


def _reaches(wide: Half, narrow: Half) -> bool:
    """Whether one peer is, or holds, another."""
    if wide is None or narrow is None:
        return wide is None
    if "ipBlock" in wide or "ipBlock" in narrow:
        return wide == narrow or _holds(wide.get("ipBlock"), narrow.get("ipBlock"))
    if "namespaceSelector" not in wide and "namespaceSelector" in narrow:
        return False
    if wide.get("namespaceSelector") and not _selects(wide["namespaceSelector"], narrow.get("namespaceSelector")):
        return False
    return _selects(wide.get("podSelector") or {}, narrow.get("podSelector") or {})


def _selects(wide: Any, narrow: Any) -> bool:
    """Whether a selector asks for no more than another does."""
    if not isinstance(wide, dict) or not isinstance(narrow, dict):
        return False
    labels, others = (each.get("matchLabels") or {} for each in (wide, narrow))
    expressions, theirs = (items(each.get("matchExpressions")) for each in (wide, narrow))
    return isinstance(labels, dict) and isinstance(others, dict) and labels.items() <= others.items() and all(each in theirs for each in expressions)


def _holds(wide: Any, narrow: Any) -> bool:
    """Whether a block of addresses holds another; exceptions of the wider one count only where the other has them, too."""
    if not isinstance(wide, dict) or not isinstance(narrow, dict):
        return False
    return _list(wide.get("except")) <= _list(narrow.get("except")) and holds(wide.get("cidr"), narrow.get("cidr"))


def _list(value: Any) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()


def _serves(wide: Half, narrow: Half) -> bool:
    """Whether one port, or range of ports, is or holds another."""
    if wide is None or narrow is None:
        return wide is None
    if (wide.get("protocol") or "TCP") != (narrow.get("protocol") or "TCP"):
        return False
    first, other = wide.get("port"), narrow.get("port")
    if first is None or (first == other and _end(wide) == _end(narrow)):
        return True
    return isinstance(first, int) and isinstance(other, int) and first <= other and _end(narrow) <= _end(wide)


def _end(port: Mapping[str, Any]) -> int:
    last = port.get("endPort") or port.get("port")
    return last if isinstance(last, int) else 0


TELLING = (policies,)
