"""Which environments a change cannot reach: everything that they are built from is the same before and after it.

To find that out only Kustomizations are built, of one state. Releases are left: their charts and values are then the same as well. Where a chart may
make what Flux builds further files from, or something that a reconciler reads may come of a chart, the environment counts as reached.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

import orjson

from gitops_validate.building import link
from gitops_validate.building.build import Plan
from gitops_validate.building.charts import Chart
from gitops_validate.building.inputs import plain
from gitops_validate.check import Progress
from gitops_validate.model.render import Render
from gitops_validate.render import Skimmed, skim
from gitops_validate.review.mentions import Charts, speaks
from gitops_validate.run import Run


def unreached(before: Run, after: Run, known: Container[str], progress: Progress) -> list[Skimmed]:
    """The environments of the later state, without those that are known, that are certainly the same in the earlier one."""
    asked = [each for each in after.environments if each.name not in known and each in before.environments]
    charts = Charts(after.repo)
    found = skim(asked, after.config, after.workshop, after.asker, progress)
    return [each for each in found if unchanged(before, after, each.cluster.environment.name) and _whole(each, charts)]


def unchanged(before: Run, after: Run, name: str) -> bool:
    """Whether everything that an environment of the later state was built from is the same in the earlier one."""
    used, one, other = after.workshop.used[name], before.workshop, after.workshop
    return (
        not used.revision
        and one.placeholders.get(name) == other.placeholders.get(name)
        and one.tree.agrees(other.tree, used.trace)
        and all(one.tree.below(folder) == other.tree.below(folder) for folder in used.folders)
        and all(_archive(before, asked) == _archive(after, asked) for asked in used.charts)
    )


def _archive(run: Run, asked: tuple[str | bool, ...]) -> str:
    """What an archive is now: it may lie in the checkout."""
    found = run.workshop.charts.again(*asked)  # type: ignore[arg-type] # as it was noted
    return found.content if isinstance(found, Chart) else found.reason


def _whole(skimmed: Skimmed, charts: Charts) -> bool:
    """Whether all that Flux builds files of is known, and all that it reads for that, without rendering releases."""
    cluster = skimmed.cluster
    read = (reference.identity for render in cluster.renders.values() for reference in link.inputs(render.reconciler))
    return (
        not any(map(_unsure, cluster.renders.values()))
        and all(identity in cluster.objects for identity in read)
        and not any(_flux(plan, skimmed) or charts.mention(plan) for plan in skimmed.releases)
    )


def _unsure(render: Render) -> bool:
    """Whether a chart may bring what a reconciler lacks, or nobody knows what it reads."""
    return render.failure is not None or any(gap.what == "engine" for gap in render.incomplete)


def _flux(plan: Plan, skimmed: Skimmed) -> bool:
    """Whether what a release is given speaks of Flux."""
    spec = plan.reconciler.spec
    held = (skimmed.cluster.objects[reference.identity] for reference in link.inputs(plan.reconciler))
    return any(speaks(text) for text in _given(spec.get("values"), spec.get("postRenderers"), *(dict(plain(thing)) for thing in held)))


def _given(*values: object) -> Iterator[bytes]:
    yield from (orjson.dumps(value) for value in values)
