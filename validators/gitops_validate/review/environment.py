"""One environment before and after: its changes with their consequences, and what is to say of it as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from gitops_validate.judging.fingerprint import GENERATED
from gitops_validate.model.change import Change, EnvironmentReview, Impact, Level
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import HelmRelease
from gitops_validate.model.requests import Requests
from gitops_validate.parity.values import merged
from gitops_validate.placing.patch import Texts
from gitops_validate.review.compare import addition, compare, removal
from gitops_validate.review.impacts import told
from gitops_validate.review.impacts.versions import moved, overridden
from gitops_validate.review.refused import Refusals
from gitops_validate.review.sides import Side, Sides
from gitops_validate.review.veil import Veil
from gitops_validate.review.where import Where
from gitops_validate.workloads.requests import requests

MUCH = 1.5
"""The factor from which more requests want a look at the nodes."""


def reviewed(sides: Sides, veil: Veil, refusals: Refusals) -> EnvironmentReview:
    """What a change does in an environment that is there before and after it."""
    before, after, where = sides.before, sides.after, Where(sides)
    refused = refusals.of(changes := compare(sides, veil), where)
    changes = [replace(each, impacts=_sorted([*told(each, where), *refused.get(index, ())], veil)) for index, each in enumerate(changes)]
    changes = list(_suspended(changes, sides, veil))
    old, new = (requests(sides.comparable(side)) for side in (before, after))
    own = [*_fails(sides, veil), *_unseen(sides, Texts(refusals.asker.ask)), *_grows(old, new)]
    return EnvironmentReview(
        after.rendered.environment.name,
        "changed" if changes or own else "unchanged",
        tuple(changes),
        _sorted([*own, *(impact for change in changes for impact in change.impacts)], veil),
        tuple(sorted({f"{ref}: {veil.text(why)}" for ref, why in _unknown(sides)})),
        old,
        new,
    )


def appeared(after: Side, veil: Veil) -> EnvironmentReview:
    """An environment that was not there before."""
    name, rendered = after.rendered.environment.name, after.rendered
    changes = tuple(addition(thing, after, veil) for thing in after.objects.values())
    impact = Impact(Level.CAREFUL, "new-environment", f"a new environment: {len(changes)} objects by {len(rendered.renders)} reconcilers")
    return EnvironmentReview(name, "new", changes, (impact,), _listed(after, veil), after=requests(rendered.objects))


def vanished(before: Side, veil: Veil) -> EnvironmentReview:
    """An environment that is not there any more."""
    name, rendered = before.rendered.environment.name, before.rendered
    changes = tuple(removal(thing, before, veil) for thing in before.objects.values())
    words = f"nothing in the repository describes it any more; its cluster keeps {len(changes)} objects, and fails to sync"
    return EnvironmentReview(
        name, "gone", changes, (Impact(Level.DANGEROUS, "gone-environment", words),), _listed(before, veil), requests(rendered.objects)
    )


def _listed(side: Side, veil: Veil) -> tuple[str, ...]:
    return tuple(sorted(f"{ref}: {veil.text(why)}" for ref, why in side.broken.items()))


def still_broken(sides: Sides) -> Iterator[Incomplete]:
    """Reconcilers that could be built neither before nor after the change, though it may change what they would make: a gap of the review."""
    unknown = {ref for ref, _ in _unknown(sides)}
    for ref in sorted(sides.before.reconcilers.keys() & sides.after.reconcilers.keys()):
        render = sides.after.reconcilers[ref]
        if ref in unknown and render.failure and sides.before.reconcilers[ref].failure:
            declared = render.reconciler.object
            reason = f"cannot be built, before or after the change, so that what that changes below it is not known: {render.failure.message}"
            yield Incomplete("not-built", str(ref), reason, declared.origin.path if declared else "", render.reconciler.environment)


def _unknown(sides: Sides) -> Iterator[tuple[ReconcilerRef | ObjectRef, str]]:
    """What could not be rendered on one side, or on both where it is not the same any more: nothing is known of what it changes."""
    before, after = sides.before, sides.after
    for ref in before.broken.keys() | after.broken.keys():
        if before.broken.get(ref) != after.broken.get(ref) or before.given(ref) != after.given(ref):
            yield ref, f"after the change: {after.broken[ref]}" if ref in after.broken else f"before the change: {before.broken[ref]}"
    for key in before.unevaluated.keys() | after.unevaluated.keys():
        one, other = before.unevaluated.get(key), after.unevaluated.get(key)
        if one is None or other is None or one.raw != other.raw:
            found = other or one
            assert found
            yield found.ref, f"what this {found.ref.kind} makes is not rendered"


def _fails(sides: Sides, veil: Veil) -> Iterator[Impact]:
    """Reconcilers that the change breaks, or mends."""
    for ref, render in sides.after.reconcilers.items():
        former = sides.before.reconcilers.get(ref)
        if render.failure and not (former and former.failure):
            yield Impact(Level.DANGEROUS, "fails", f"{ref} cannot be built any more: {veil.text(render.failure.message)}")
        elif former and former.failure and not render.failure:
            yield Impact(Level.CAREFUL, "mended", f"{ref} can be built again: everything that waited arrives at once")


def _unseen(sides: Sides, texts: Texts) -> Iterator[Impact]:
    """The images that the values of releases name, of which nobody knows here what their charts make."""
    before, after = sides.before, sides.after
    for ref in sorted(before.reconcilers.keys() & after.reconcilers.keys()):
        old, new = before.reconcilers[ref].reconciler, after.reconcilers[ref].reconciler
        if (ref in before.broken or ref in after.broken) and isinstance(old, HelmRelease) and isinstance(new, HelmRelease) and new.object:
            given = _given(old, before, texts), _given(new, after, texts)
            yield from (replace(impact, object=new.object.ref) for impact in (*moved(*given), *overridden(*given)))


def _given(release: HelmRelease, side: Side, texts: Texts) -> dict[str, Any]:
    """What a release is given beside its chart: its values, and what it makes of the chart's objects."""
    return {"values": merged(release, side.rendered, texts), "postRenderers": release.spec.get("postRenderers")}


def _grows(old: Requests, new: Requests) -> Iterator[Impact]:
    for word, was, is_ in (("CPU", old.cpu, new.cpu), ("memory", old.memory, new.memory)):
        if was and is_ > was * MUCH:
            yield Impact(
                Level.CAREFUL, "requests", f"asks for {round(is_ / was, 1):g} times as much {word} as before: look whether the nodes have it"
            )


def _suspended(changes: list[Change], sides: Sides, veil: Veil) -> Iterator[Change]:
    """The changes, those under a suspended reconciler with the word that they wait."""
    for change in changes:
        halted = [ref for ref in sides.after.chain(change.reconciler) if (render := sides.after.reconcilers.get(ref)) and render.reconciler.suspended]
        if halted:
            impact = Impact(Level.ROUTINE, "waits", f"waits: {halted[0]} is suspended", change.ref)
            change = replace(change, impacts=_sorted([*change.impacts, impact], veil))  # noqa: PLW2901 - the same change, with one more word
        yield change


def _sorted(impacts: list[Impact], veil: Veil) -> tuple[Impact, ...]:
    """Each once, the worst first, as they may be printed: the hash in a generated name is one of its content."""
    shown = (replace(each, message=_settled(veil.text(each.message)), object=_named(each.object)) for each in impacts)
    return tuple(sorted(dict.fromkeys(shown), key=lambda each: each.order))


def _settled(text: str) -> str:
    return GENERATED.sub("-*", text)


def _named(ref: ObjectRef | None) -> ObjectRef | None:
    return ref._replace(name=_settled(ref.name)) if ref else None
