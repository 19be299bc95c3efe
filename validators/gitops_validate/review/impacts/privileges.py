"""What pods may do to their node, and what their namespace lets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.judging.pod_security import ENFORCE, GRAVE
from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import containers, items, pod_spec

_HOST = {"hostNetwork": "the node's network", "hostPID": "the node's processes", "hostIPC": "the node's memory"}
_LEVELS = ("restricted", "baseline", "privileged")


def privileges(change: Change, _where: Where) -> Iterator[Impact]:
    """What the pods of a workload may do that they could not before."""
    if change.after is None:
        return
    before, after = pod_spec(change.before), pod_spec(change.after)
    gained = sorted((_held(after) - _held(before)) | {(what, False) for what in _bounds(before) & _bounds(after, without=True)})
    for what, grave in gained:
        level = Level.DANGEROUS if grave else Level.CAREFUL
        yield Impact(level if change.before or grave else Level.ROUTINE, "privileges", what)


def _held(spec: Mapping[str, Any]) -> set[tuple[str, bool]]:
    """What a pod may do, each with whether it leads to the node."""
    found = {(f"its pods get {words}", True) for field, words in _HOST.items() if spec.get(field) is True}
    for volume in items(spec.get("volumes")):
        path = volume["hostPath"].get("path") if isinstance(volume.get("hostPath"), dict) else None
        if path is not None:
            found.add((f"its pods get {path} of the node", True))
    for name, container in containers(spec).items():
        found |= {(f"container {name} {words}", grave) for words, grave in _container(container)}
    return found


def _container(container: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    context = _mapping(container.get("securityContext"))
    if context.get("privileged") is True:
        yield "is privileged", True
    if context.get("allowPrivilegeEscalation") is True:
        yield "may gain privileges", False
    for port in items(container.get("ports")):
        if port.get("hostPort"):
            yield f"is reached at port {port['hostPort']} of its node", False
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
        yield "may run as root", False
    added = _mapping(context.get("capabilities")).get("add")
    for name in added if isinstance(added, list) else ():
        yield f"gets the capability {name}", isinstance(name, str) and name in GRAVE
    profile = context.get("seccompProfile")
    if isinstance(profile, dict) and profile.get("type") == "Unconfined":
        yield "is not confined by seccomp", False


def _bounds(spec: Mapping[str, Any], *, without: bool = False) -> set[str]:
    """What the containers of a pod may not do because it says so; or what they may, because it does not."""
    found = set()
    for name, container in containers(spec).items():
        own, shared = (_mapping(holder.get("securityContext")) for holder in (container, spec))
        both = {**shared, **own}
        dropped = _mapping(own.get("capabilities")).get("drop")
        bounds = {
            "may gain privileges": own.get("allowPrivilegeEscalation") is False,
            "may run as root": both.get("runAsNonRoot") is True,
            "may write to its root file system": own.get("readOnlyRootFilesystem") is True,
            "keeps the capabilities that it dropped": isinstance(dropped, list) and "ALL" in dropped,
            "is not confined by seccomp": _mapping(both.get("seccompProfile")).get("type") in ("RuntimeDefault", "Localhost"),
        }
        found |= {f"container {name} {words}" for words, held in bounds.items() if held is not without}
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def namespace(change: Change, _where: Where) -> Iterator[Impact]:
    """The Pod Security level of a namespace, lowered."""
    if change.ref.kind != "Namespace" or not change.before or not change.after:
        return
    old, new = (_level(thing.get("metadata", "labels", ENFORCE)) for thing in (change.before, change.after))
    if new > old:
        yield Impact(Level.DANGEROUS, "privileges", f"its pods are held to {_LEVELS[new]} instead of {_LEVELS[old]}")


def _level(value: Any) -> int:
    """Without a label a namespace lets everything through."""
    return _LEVELS.index(value) if value in _LEVELS else len(_LEVELS) - 1


TELLING = (privileges, namespace)
