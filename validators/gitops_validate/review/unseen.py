"""What could not be rendered: that nothing is known of it, and what can be said of it all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from gitops_validate.keeping.ask import Asker
from gitops_validate.model.change import Impact
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import HelmRelease
from gitops_validate.parity.values import merged
from gitops_validate.placing.patch import Texts
from gitops_validate.review.impacts.versions import moved, overridden
from gitops_validate.review.sides import Side, Sides


def still_broken(sides: Sides) -> Iterator[Incomplete]:
    """Reconcilers that could be built neither before nor after the change, though it may change what they would make: a gap of the review."""
    touched = {ref for ref, _ in unknown(sides)}
    for ref in sorted(sides.before.reconcilers.keys() & sides.after.reconcilers.keys()):
        render = sides.after.reconcilers[ref]
        if ref in touched and render.failure and sides.before.reconcilers[ref].failure:
            declared = render.reconciler.object
            reason = f"cannot be built, before or after the change, so that what that changes below it is not known: {render.failure.message}"
            yield Incomplete("not-built", str(ref), reason, declared.origin.path if declared else "", render.reconciler.environment)


def out_of_sight(before: Side, after: Side | None, gaps: Iterable[Incomplete]) -> Iterator[Incomplete]:
    """Those of the gaps of the earlier state that hide what the change does: what takes their place may be rendered all the same."""
    touched = (
        {ref for ref, _ in unknown(Sides(before, after))} if after else {*before.reconcilers, *(each.ref for each in before.unevaluated.values())}
    )
    renders = (before.reconcilers[ref] for ref in touched if isinstance(ref, ReconcilerRef) and ref in before.reconcilers)
    hiding = {(gap.what, gap.subject) for render in renders for gap in render.incomplete} | {("not-evaluated", str(ref)) for ref in touched}
    for gap in gaps:
        if gap.environment == before.rendered.environment.name and (gap.what, gap.subject) in hiding:
            yield replace(gap, reason=f"before the change: {gap.reason}")


def unknown(sides: Sides) -> Iterator[tuple[ReconcilerRef | ObjectRef, str]]:
    """What could not be rendered on one side, or on both where it is not the same any more: nothing is known of what it changes."""
    before, after = sides.before, sides.after
    for ref in before.broken.keys() | after.broken.keys():
        if before.broken.get(ref) != after.broken.get(ref) or before.given(ref) != after.given(ref):
            yield ref, f"after the change: {after.broken[ref]}" if ref in after.broken else f"before the change: {before.broken[ref]}"
    for key in before.unevaluated.keys() | after.unevaluated.keys():
        one, other = before.unevaluated.get(key), after.unevaluated.get(key)
        if one is None or other is None or one.raw != other.raw or before.applied(one) != after.applied(other):
            found = other or one
            assert found
            yield found.ref, f"what this {found.ref.kind} makes is not rendered"


def images(sides: Sides, asker: Asker) -> Iterator[Impact]:
    """The images that the values of releases name, of which nobody knows here what their charts make."""
    before, after = sides.before, sides.after
    broken = (before.reconcilers.keys() & after.reconcilers.keys()) & (before.broken.keys() | after.broken.keys())
    if not broken:
        return
    texts = Texts(asker.ask)
    for ref in sorted(broken):
        old, new = before.reconcilers[ref].reconciler, after.reconcilers[ref].reconciler
        if isinstance(old, HelmRelease) and isinstance(new, HelmRelease) and new.object:
            given = _given(old, before, texts), _given(new, after, texts)
            yield from (replace(impact, object=new.object.ref) for impact in (*moved(*given), *overridden(*given)))


def _given(release: HelmRelease, side: Side, texts: Texts) -> dict[str, Any]:
    """What a release is given beside its chart: its values, and what it makes of the chart's objects."""
    return {"values": merged(release, side.rendered, texts), "postRenderers": release.spec.get("postRenderers")}
