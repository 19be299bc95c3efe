"""Render every environment: from its entry, reconciler after reconciler, until nothing new appears.

All environments but the first go round by round, so that what they share is asked once and all workers have something to do. A chart whose templates
ask which API versions the cluster has is rendered once more when all definitions are known. What the first environment has come to is what the others
begin with: most have the same definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from msgspec import Struct, field

from gitops_validate.building.build import Plan, Workshop
from gitops_validate.building.cluster import Cluster, api_versions
from gitops_validate.config import Config
from gitops_validate.keeping.ask import Asker
from gitops_validate.model.environment import Environment
from gitops_validate.model.render import HelmRelease, Reconciler, Render, Rendered

PASSES = 5
"""How often charts are rendered again because the set of API versions grew."""

Progress = Callable[[str, int, int], None]


def render(environments: Sequence[Environment], config: Config, workshop: Workshop, asker: Asker, progress: Progress) -> tuple[Rendered, ...]:
    """What each environment's cluster gets."""
    clusters = [workshop.cluster(environment, config) for environment in environments]
    for turn in (clusters[:1], clusters[1:]):
        for _ in range(PASSES):
            _until_quiet(turn, workshop, asker, progress)
            stale = [_stale(cluster, workshop) for cluster in turn]
            if not any(stale):
                break
        for cluster in clusters[1:]:
            workshop.expect(workshop.served[clusters[0].environment.name], cluster.environment.name)
    return tuple(cluster.rendered() for cluster in clusters)


class Skimmed(Struct, frozen=True):
    """The Kustomizations of an environment, built; and its releases, as they would be."""

    cluster: Cluster
    releases: list[Plan] = field(default_factory=list)


def skim(environments: Sequence[Environment], config: Config, workshop: Workshop, asker: Asker, progress: Progress) -> list[Skimmed]:
    """The same without rendering releases: what they would be rendered from is noted in the workshop."""
    found = [Skimmed(workshop.cluster(environment, config)) for environment in environments]
    _until_quiet([each.cluster for each in found], workshop, asker, progress, {id(each.cluster): each.releases for each in found})
    return found


def _until_quiet(
    clusters: Sequence[Cluster], workshop: Workshop, asker: Asker, progress: Progress, left: Mapping[int, list[Plan]] | None = None
) -> None:
    while any(cluster.waiting for cluster in clusters):
        plans = [(cluster, workshop.plan(cluster, reconciler)) for cluster in clusters for reconciler in cluster.turn()]
        asked = [plan for _, plan in plans] if left is None else [_leave(plan, left[id(cluster)]) for cluster, plan in plans]
        for (cluster, _), built in zip(plans, _carry_out(asked, workshop, asker), strict=True):
            cluster.take(built)
            workshop.note(built)
        done = sum(len(cluster.renders) for cluster in clusters)
        progress("rendering", done, done + sum(len(cluster.waiting) for cluster in clusters))


def _leave(plan: Plan | Render, releases: list[Plan]) -> Plan | Render:
    if isinstance(plan, Render) or not isinstance(plan.reconciler, HelmRelease):
        return plan
    releases.append(plan)
    return Render(plan.reconciler)


def _carry_out(plans: Sequence[Plan | Render], workshop: Workshop, asker: Asker) -> list[Render]:
    done: dict[int, Render] = {}
    waiting = dict(enumerate(plans))
    while waiting:
        asked = {number: plan for number, plan in waiting.items() if isinstance(plan, Plan)}
        done |= {number: plan for number, plan in waiting.items() if isinstance(plan, Render)}
        waiting = {}
        for (number, plan), answer in zip(asked.items(), asker.ask([plan.question for plan in asked.values()]), strict=True):
            if further := workshop.further(plan, answer):
                waiting[number] = further
            else:
                done[number] = workshop.render(plan, answer)
    return [done[number] for number in range(len(plans))]


def _stale(cluster: Cluster, workshop: Workshop) -> bool:
    """Put back the releases whose charts look at API versions that have become known since."""
    served = api_versions(chain.from_iterable(render.objects for render in cluster.renders.values()))
    stale: list[Reconciler] = [cluster.renders[ref].reconciler for ref in workshop.outdated(cluster, served)]
    for reconciler in stale:
        cluster.again(reconciler)
    return bool(stale)
