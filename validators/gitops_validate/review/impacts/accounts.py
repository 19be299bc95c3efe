"""Who pods are to the API server: their service account, and whether they are given its token."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.sides import Side
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import pod_spec

_FIELD = "automountServiceAccountToken"


def accounts(change: Change, where: Where) -> Iterator[Impact]:
    """Pods that act as somebody else, or get a token that they did not have."""
    if not change.before or not change.after or change.action == "renamed":
        return
    if (change.ref.group, change.ref.kind) == ("", "ServiceAccount"):
        if change.before.get(_FIELD) is False and change.after.get(_FIELD) is not False:
            yield Impact(Level.CAREFUL, "privileges", "its pods get a token of the API server, unless they refuse it", field=_FIELD)
        return
    if not pod_spec(change.before) or not pod_spec(change.after):
        return
    old, new = _account(change.before), _account(change.after)
    if old != new:
        yield Impact(Level.CAREFUL, "privileges", f"its pods act as ServiceAccount {new} instead of {old}")
    if not _mounts(change.before, where.sides.before) and _mounts(change.after, where.sides.after):
        yield Impact(Level.CAREFUL, "privileges", "its pods get a token of the API server")


def _account(thing: RenderedObject) -> str:
    spec = pod_spec(thing)
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _mounts(thing: RenderedObject, side: Side) -> bool:
    """What the pod says counts before what its account says."""
    said = pod_spec(thing).get(_FIELD)
    if isinstance(said, bool):
        return said
    account = side.objects.get(("", "ServiceAccount", thing.ref.namespace, _account(thing)))
    return account is None or account.get(_FIELD) is not False


TELLING = (accounts,)
