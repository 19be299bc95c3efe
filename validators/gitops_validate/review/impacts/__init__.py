"""What a change does, in words: one module a topic, each with functions from a Change to its Impacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from gitops_validate.model.change import Change, Impact
from gitops_validate.review.impacts import (
    access,
    accounts,
    argocd,
    charts,
    deploying,
    going,
    isolation,
    network,
    policies,
    privileges,
    reached,
    secrets,
    storage,
    versions,
    workloads,
)
from gitops_validate.review.where import Where

Telling = Callable[[Change, Where], Iterator[Impact]]

ALL: tuple[Telling, ...] = (
    *versions.TELLING,
    *charts.TELLING,
    *workloads.TELLING,
    *storage.TELLING,
    *going.TELLING,
    *secrets.TELLING,
    *access.TELLING,
    *privileges.TELLING,
    *accounts.TELLING,
    *isolation.TELLING,
    *network.TELLING,
    *reached.TELLING,
    *policies.TELLING,
    *deploying.TELLING,
    *argocd.TELLING,
)


def told(change: Change, where: Where) -> tuple[Impact, ...]:
    """Everything that there is to say of a change, the worst first."""
    found = [replace(impact, object=impact.object or change.ref) for tell in ALL for impact in tell(change, where)]
    return tuple(sorted(dict.fromkeys(found), key=lambda impact: impact.order))
