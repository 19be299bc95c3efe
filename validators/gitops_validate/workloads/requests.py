"""How much of its nodes an environment asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.workloads.inventory import OWN_FIELDS
from gitops_validate.workloads.pods import items, pod_spec
from gitops_validate.workloads.quantity import amount
from gitops_validate.workloads.volumes import KINDS, volumes

COUNTS = {
    "Deployment": "replicas",
    "StatefulSet": "replicas",
    "ReplicaSet": "replicas",
    "Cluster": "instances",
    "Prometheus": "replicas",
    "Alertmanager": "replicas",
}
"""Where kinds say how many pods they run."""
_LASTING = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Pod"})
_ASKING = _LASTING | COUNTS.keys() | KINDS
_MOST = 100_000


def requests(objects: Iterable[RenderedObject]) -> Requests:
    """What everything that keeps running asks for; a DaemonSet counts once, however many nodes there are, and jobs do not count."""
    return sum((_asked(thing) for thing in objects if thing.ref.kind in _ASKING), Requests())


def running(objects: Iterable[RenderedObject]) -> tuple[int, int]:
    """How many pods keep running, and how many beside them on every node."""
    things = list(objects)
    lasting = [thing for thing in things if thing.ref.kind in (_LASTING | COUNTS.keys()) and thing.ref.kind != "DaemonSet" and not _foreign(thing)]
    return sum(_times(thing) for thing in lasting), sum(thing.ref.kind == "DaemonSet" for thing in things)


def _foreign(thing: RenderedObject) -> bool:
    """Whether a kind only has the name of one whose pods are known: there are Clusters of many things."""
    return thing.ref.kind in ("Cluster", "Prometheus", "Alertmanager") and (thing.ref.group, thing.ref.kind) not in OWN_FIELDS


def _asked(thing: RenderedObject) -> Requests:
    times = _times(thing)
    storage = sum(amount(size) or 0.0 for size, _ in volumes(thing).values())
    pod = _pod(pod_spec(thing)) if thing.ref.kind in _LASTING else _own(thing)
    return Requests(pod.cpu, pod.memory, storage) * times


def _times(thing: RenderedObject) -> int:
    count = thing.get("spec", COUNTS[thing.ref.kind]) if thing.ref.kind in COUNTS else 1
    return min(count, _MOST) if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else 1


def _own(thing: RenderedObject) -> Requests:
    """What kinds ask for whose controller makes the pods."""
    return _resources(thing.get("spec", "resources")) if thing.ref.kind in COUNTS else Requests()


def _pod(spec: Mapping[str, Any]) -> Requests:
    """The sum of the containers, or the largest of those that run before them, as the scheduler counts (KEP-753: sidecars add up)."""
    running = [_resources(one.get("resources")) for one in items(spec.get("containers"))]
    running += [_resources(one.get("resources")) for one in items(spec.get("initContainers")) if one.get("restartPolicy") == "Always"]
    before = [_resources(one.get("resources")) for one in items(spec.get("initContainers")) if one.get("restartPolicy") != "Always"]
    total = sum(running, Requests())
    return Requests(max([total.cpu, *(one.cpu for one in before)]), max([total.memory, *(one.memory for one in before)]))


def _resources(value: Any) -> Requests:
    """Requests; a limit stands for a request that is missing, as the API server sets it."""
    asked, limits = (value.get(name) if isinstance(value, dict) else None for name in ("requests", "limits"))
    found = {**(limits if isinstance(limits, dict) else {}), **(asked if isinstance(asked, dict) else {})}
    return Requests(amount(found.get("cpu")) or 0.0, amount(found.get("memory")) or 0.0)
