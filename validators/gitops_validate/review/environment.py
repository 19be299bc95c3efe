"""One environment before and after: its changes with their consequences, and what is to say of it as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gitops_validate.judging.fingerprint import GENERATED
from gitops_validate.model.change import Change, EnvironmentReview, Impact, Level
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.requests import Requests
from gitops_validate.review import unseen
from gitops_validate.review.compare import addition, compare, removal
from gitops_validate.review.impacts import charts, told
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
    own = [*_fails(sides, veil), *unseen.images(sides, refusals.asker), *charts.alone(changes, where), *_grows(old, new)]
    return EnvironmentReview(
        after.rendered.environment.name,
        "changed" if changes or own else "unchanged",
        tuple(changes),
        _sorted([*own, *(impact for change in changes for impact in change.impacts)], veil),
        tuple(sorted({f"{ref}: {veil.text(why)}" for ref, why in unseen.unknown(sides)})),
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


def _fails(sides: Sides, veil: Veil) -> Iterator[Impact]:
    """Reconcilers that the change breaks, or mends."""
    for ref, render in sides.after.reconcilers.items():
        former = sides.before.reconcilers.get(ref)
        if render.failure and not (former and former.failure):
            yield Impact(Level.DANGEROUS, "fails", f"{ref} cannot be built any more: {veil.text(render.failure.message)}")
        elif former and former.failure and not render.failure:
            yield Impact(Level.CAREFUL, "mended", f"{ref} can be built again: everything that waited arrives at once")


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
