"""Policies of the cluster that hold less than before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_POLICIES = frozenset(
    {
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("kyverno.io", "ClusterPolicy"),
        ("kyverno.io", "Policy"),
        ("", "ResourceQuota"),
        ("", "LimitRange"),
    }
)


def loosened(change: Change, where: Where) -> Iterator[Impact]:
    """Policies that go, only warn, or fail open."""
    if (change.ref.group, change.ref.kind) not in _POLICIES or change.before is None:
        return
    if change.action == "removed":
        if not where.stays(change):
            yield Impact(Level.DANGEROUS, "policy", f"{change.ref} goes: what it forbade is let in")
        return
    assert change.after
    yield from _weaker(change.before, change.after)
    if change.before.get("spec") != change.after.get("spec") or change.before.get("webhooks") != change.after.get("webhooks"):
        yield Impact(Level.CAREFUL, "policy", "forbids something else than before")


def _weaker(before: RenderedObject, after: RenderedObject) -> Iterator[Impact]:
    old, new = _texts(before.get("spec", "validationActions")), _texts(after.get("spec", "validationActions"))
    if "Deny" in old and "Deny" not in new:
        yield Impact(
            Level.DANGEROUS, "policy", f"denies nothing any more, but does {', '.join(sorted(new)) or 'nothing'}", field="spec.validationActions"
        )
    for route in (("spec", "failurePolicy"), ("spec", "validationFailureAction")):
        was, now = before.get(*route), after.get(*route)
        if was != now and now in ("Ignore", "Audit", "audit"):
            yield Impact(Level.DANGEROUS, "policy", f"{route[-1]} is {now} instead of {was}", field=".".join(route))
    failing = [hook.get("name") for hook in items(after.get("webhooks")) if hook.get("failurePolicy") == "Ignore"]
    for name in [hook.get("name") for hook in items(before.get("webhooks")) if hook.get("failurePolicy") != "Ignore" and hook.get("name") in failing]:
        yield Impact(Level.DANGEROUS, "policy", f"webhook {name} lets everything in while it is away")


def _texts(value: Any) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()


TELLING = (loosened,)
