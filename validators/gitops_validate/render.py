"""Render every environment: from its entry, reconciler after reconciler, until nothing new appears.

All environments go round by round, so that what they share is asked once and all workers have something to do. A chart whose templates
ask which API versions the cluster has is rendered once more when all definitions are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from gitops_validate.ask import Asker
from gitops_validate.build import Plan, Workshop
from gitops_validate.cluster import Cluster, api_versions
from gitops_validate.config import Config
from gitops_validate.model.environment import Environment
from gitops_validate.model.render import Reconciler, Render, Rendered

PASSES = 5
"""How often charts are rendered again because the set of API versions grew."""

Progress = Callable[[str, int, int], None]


def render(environments: Sequence[Environment], config: Config, workshop: Workshop, asker: Asker, progress: Progress) -> tuple[Rendered, ...]:
    """What each environment's cluster gets."""
    clusters = [Cluster(environment, config) for environment in environments]
    for _ in range(PASSES):
        _until_quiet(clusters, workshop, asker, progress)
        stale = [_stale(cluster, workshop) for cluster in clusters]
        if not any(stale):
            break
    return tuple(cluster.rendered() for cluster in clusters)


def _until_quiet(clusters: Sequence[Cluster], workshop: Workshop, asker: Asker, progress: Progress) -> None:
    while any(cluster.waiting for cluster in clusters):
        plans = [(cluster, workshop.plan(cluster, reconciler)) for cluster in clusters for reconciler in cluster.turn()]
        for (cluster, _), built in zip(plans, _carry_out([plan for _, plan in plans], workshop, asker), strict=True):
            cluster.take(built)
        done = sum(len(cluster.renders) for cluster in clusters)
        progress("rendering", done, done + sum(len(cluster.waiting) for cluster in clusters))


def _carry_out(plans: Sequence[Plan | Render], workshop: Workshop, asker: Asker) -> list[Render]:
    answers = iter(asker.ask([plan.question for plan in plans if isinstance(plan, Plan)]))
    return [workshop.render(plan, next(answers)) if isinstance(plan, Plan) else plan for plan in plans]


def _stale(cluster: Cluster, workshop: Workshop) -> bool:
    """Put back the releases whose charts look at API versions that have become known since."""
    served = api_versions(chain.from_iterable(render.objects for render in cluster.renders.values()))
    stale: list[Reconciler] = [cluster.renders[ref].reconciler for ref in workshop.outdated(cluster, served)]
    for reconciler in stale:
        cluster.again(reconciler)
    return bool(stale)
