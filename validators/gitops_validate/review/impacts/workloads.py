"""Replicas, restarts and what protects against disruption."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import template
from gitops_validate.workloads.requests import COUNTS

_BOUNDS = {"minReplicas": 1, "maxReplicas": None}
"""The bounds of an autoscaler, with what they are where it says nothing."""


def replicas(change: Change, _where: Where) -> Iterator[Impact]:
    """More, fewer or no pods."""
    if not change.before or not change.after:
        return
    if field := COUNTS.get(change.ref.kind):
        old, new = (thing.get("spec", field) for thing in (change.before, change.after))
        old, new = (1 if value is None else value for value in (old, new))
        if isinstance(old, int) and isinstance(new, int) and old != new:
            level = Level.DANGEROUS if new == 0 else Level.CAREFUL if new < old else Level.ROUTINE
            yield Impact(level, "replicas", f"{field} {old} to {new}{': it stops' if new == 0 else ''}", field=f"spec.{field}")


def scaling(change: Change, where: Where) -> Iterator[Impact]:
    """Bounds of an autoscaler, and one that goes."""
    if change.ref.kind != "HorizontalPodAutoscaler" or not change.before:
        return
    if change.after:
        yield from _bounds(change.before, change.after)
    elif not where.stays(change):
        kind, name = (change.before.get("spec", "scaleTargetRef", key) for key in ("kind", "name"))
        yield Impact(Level.CAREFUL, "replicas", f"nothing scales {kind} {name} any more", field="spec.scaleTargetRef")


def _bounds(before: RenderedObject, after: RenderedObject) -> Iterator[Impact]:
    for field, default in _BOUNDS.items():
        old, new = (default if value is None else value for value in (before.get("spec", field), after.get("spec", field)))
        if isinstance(old, int) and isinstance(new, int) and old != new:
            yield Impact(Level.CAREFUL if new < old else Level.ROUTINE, "replicas", f"{field} {old} to {new}", field=f"spec.{field}")


def restarts(change: Change, _where: Where) -> Iterator[Impact]:
    """Pods that are replaced, and whether somebody notices."""
    if change.action != "modified" or not change.before or not change.after or change.ref.kind not in ("Deployment", "StatefulSet", "DaemonSet"):
        return
    if template(change.before) == template(change.after):
        return
    count = change.after.get("spec", "replicas")
    count = 1 if count is None else count
    if count == 0:
        return
    yield _restart(change.after, count)


def _restart(thing: RenderedObject, count: object) -> Impact:
    if thing.get("spec", "updateStrategy", "type") == "OnDelete":
        return Impact(Level.ROUTINE, "restart", "its pods stay as they are until somebody deletes them: it is updated OnDelete")
    if thing.get("spec", "paused") is True:
        return Impact(Level.ROUTINE, "restart", "its pods stay as they are until it goes on: it is paused")
    if thing.ref.kind == "DaemonSet":
        return Impact(Level.ROUTINE, "restart", "its pod restarts on every node, one after the other")
    recreated = thing.get("spec", "strategy", "type") == "Recreate"
    if thing.ref.kind == "Deployment" and not recreated:
        return Impact(Level.ROUTINE, "restart", f"{_pods(count)} replaced, the new before the old")
    if recreated or count == 1:
        return Impact(Level.CAREFUL, "restart", f"{_pods(count)} stopped before the new start: it is away for that time")
    return Impact(Level.ROUTINE, "restart", f"{_pods(count)} replaced, one after the other")


def _pods(count: object) -> str:
    return "1 pod is" if count == 1 else f"{count} pods are"


def protection(change: Change, where: Where) -> Iterator[Impact]:
    """A disruption budget that goes or allows more."""
    if change.ref.kind != "PodDisruptionBudget" or not change.before:
        return
    if change.action == "removed" and not where.stays(change):
        yield Impact(Level.CAREFUL, "disruption", "nothing limits any more how many of its pods a node drain may stop")
        return
    if change.after and change.before.get("spec", "selector") != change.after.get("spec", "selector"):
        yield Impact(Level.CAREFUL, "disruption", "protects other pods than before", field="spec.selector")
    if change.after and any(change.before.get("spec", field) != change.after.get("spec", field) for field in ("minAvailable", "maxUnavailable")):
        yield Impact(Level.ROUTINE, "disruption", "how many pods a node drain may stop is another number")


TELLING = (replicas, scaling, restarts, protection)
