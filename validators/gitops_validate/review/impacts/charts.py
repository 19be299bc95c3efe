"""Charts of releases, and the sources that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import Render, RenderedObject
from gitops_validate.review.impacts.versions import BREAKING, said, source, step
from gitops_validate.review.where import Where


def charts(change: Change, where: Where) -> Iterator[Impact]:
    """The chart of a release in another version."""
    if change.ref.kind != "HelmRelease" or not change.before or not change.after:
        return
    refs = [render.reconciler.ref for render in where.sides.after.rendered.renders if render.reconciler.object is change.after]
    for ref in refs:
        before, after = where.sides.before.reconcilers.get(ref), where.sides.after.reconcilers[ref]
        if before and before.chart and after.chart:
            yield from _chart(before.chart, after.chart, _strategy(after))


def alone(changes: Iterable[Change], where: Where) -> Iterator[Impact]:
    """Charts that are others although neither their release nor its source is: those that lie in the checkout, and what a range finds."""
    told = {(each.ref.kind, each.ref.namespace, each.ref.name) for each in changes}
    for ref, after in where.sides.after.reconcilers.items():
        before, release = where.sides.before.reconcilers.get(ref), after.reconciler.object
        if not before or not before.chart or not after.chart or not release or told & {tuple(each) for each in (ref, after.source) if each}:
            continue
        for impact in _chart(before.chart, after.chart, _strategy(after)):
            if _plain(before.chart)[1] != _plain(after.chart)[1] or (impact.level > Level.ROUTINE and _differ(before, after)):
                yield replace(impact, object=release.ref)


def _differ(before: Render, after: Render) -> bool:
    return [thing.raw for thing in before.objects] != [thing.raw for thing in after.objects]


def chart_sources(change: Change, where: Where) -> Iterator[Impact]:
    """A release whose chart comes from elsewhere."""
    if change.ref.kind != "HelmRelease" or change.action == "renamed" or not change.before or not change.after:
        return
    old, new = _chart_source(change.before), _chart_source(change.after)
    if old and new and old != new:
        same = _plain(where.chart(change.before)) == _plain(where.chart(change.after)) != ("", "", "")
        level = Level.ROUTINE if same else Level.CAREFUL
        yield Impact(level, "chart", f"takes its chart from {new} instead of {old}{': the same chart' if same else ''}")


def _chart_source(release: RenderedObject) -> str:
    """What a chart is taken from, in words; "" if the release does not say."""
    match release.get("spec"):
        case {"chartRef": {"kind": str(kind), "name": str(name), **rest}}:
            return f"{kind}/{rest.get('namespace') or release.ref.namespace}/{name}"
        case {"chart": {"spec": {"chart": str(chart), "sourceRef": {"kind": str(kind), "name": str(name), **rest}}}}:
            return f"{kind}/{rest.get('namespace') or release.ref.namespace}/{name}, where it is {chart}"
    return ""


def source_versions(change: Change, where: Where) -> Iterator[Impact]:
    """A source whose tag, version or branch is another, whether its chart is at hand or not."""
    if change.ref.kind not in ("OCIRepository", "GitRepository", "HelmRelease") or not change.before or not change.after:
        return
    route = ("spec", "chart", "spec", "version") if change.ref.kind == "HelmRelease" else ("spec", "ref")
    old, new = change.before.get(*route), change.after.get(*route)
    for key in sorted({*old, *new}) if isinstance(old, dict) and isinstance(new, dict) else ():
        if old.get(key) != new.get(key):
            yield source(key, str(old.get(key, "none")), str(new.get(key, "none")))
    if isinstance(old, str) and isinstance(new, str) and old != new:
        rendered = tuple(_plain(where.chart(thing))[1] for thing in (change.before, change.after))
        if rendered != (old, new):  # which the chart itself tells
            yield source("chart version", old, new)


def _plain(chart: str) -> tuple[str, str, str]:
    """The name, the version and the content of a chart; without what Flux adds to the version, which is what a tag named, or the commit."""
    name, version, digest = [*chart.split("@", 2), "", "", ""][:3]
    return name, version.partition("+")[0], digest


def _strategy(render: Render) -> str:
    """When Flux takes a chart of the checkout anew: with each commit (Revision) or with each version; "" for a chart from elsewhere."""
    match render.reconciler.spec:
        case {"chart": {"spec": {"reconcileStrategy": "Revision"}}} if render.folder:
            return "Revision"
        case {"chart": _} if render.folder:
            return "ChartVersion"
    return ""


def _chart(old: str, new: str, strategy: str = "") -> Iterator[Impact]:
    (name, version, digest), (other, newer, new_digest) = _plain(old), _plain(new)
    if not name or not other:  # it is not there, which is told as that
        return
    if name != other:
        yield Impact(Level.CAREFUL, "chart", f"chart {other} {newer} instead of {name} {version}")
    elif version != newer:
        jump = step(version, newer)
        level = Level.CAREFUL if jump in BREAKING else Level.ROUTINE
        yield Impact(level, "chart", f"chart {name}: {version} to {newer}{said(jump)}")
    elif digest != new_digest and old.count("+") == new.count("+"):
        follows = strategy == "Revision" or old.split("@", 2)[1] != new.split("@", 2)[1]  # the commit, as its release asks for
        level = Level.ROUTINE if follows else Level.CAREFUL
        late = ": Flux takes no notice of it before the version is another, too" if strategy == "ChartVersion" else ""
        yield Impact(level, "chart", f"chart {name} {version} has another content under the same version{late}")


TELLING = (charts, chart_sources, source_versions)
