"""Which values follow from which, and what cannot be made yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from gitops_generate.secrets.catalogue import Catalogue
from gitops_generate.secrets.recipes import Ref


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a value cannot be made: it, or one that it follows from, is to be given by a person, or is in a file that cannot be read."""

    cause: Ref
    where: str = ""
    """Where a person gets it; "" if a private key is what is missing."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is wanted of an environment, and what there is to make it of."""

    wanted: frozenset[Ref]
    whole: frozenset[str]
    """Secrets that have no file yet, and get one only with all their values."""
    given: frozenset[Ref]
    """Values that a person gives now."""
    readable: bool
    """Whether values of existing files can be read, and such files be written again."""


def obstacles(catalogue: Catalogue, situation: Situation) -> dict[Ref, Missing]:
    """What stands in the way of which wanted values."""
    found: dict[Ref, Missing] = {}
    size = -1
    while size < len(found):  # a secret that has to wait makes those wait that read from it
        size = len(found)
        for ref in catalogue.order:
            if ref in situation.wanted and ref not in found and (cause := _obstacle(catalogue, ref, situation, found)):
                found[ref] = cause
    return found


def _obstacle(catalogue: Catalogue, ref: Ref, situation: Situation, found: Mapping[Ref, Missing]) -> Missing | None:
    made, alone = catalogue.recipe(ref), ref.secret not in situation.whole
    if made.kind == "given" and ref not in situation.given:
        return Missing(ref, made.where)
    if not situation.readable and (alone or any(other not in situation.wanted for other in made.inputs)):
        return Missing(ref)
    siblings = [] if alone else catalogue.secrets[ref.secret].refs()
    return next((found[other] for other in (*made.inputs, *siblings) if other in found), None)


def settle(
    catalogue: Catalogue, fresh: Mapping[Ref, str], remake: Collection[Ref], present: Collection[Ref], read: Callable[[Ref], str]
) -> dict[Ref, str]:
    """All values that change: `fresh` ones, those to `remake`, and whatever of `present` follows from them.

    read: the value that a key has so far.
    """
    changed = dict(fresh)
    for ref in catalogue.order:
        made = catalogue.recipe(ref)
        follows = ref in remake or (ref in present and any(other in changed for other in made.inputs))
        if ref not in fresh and follows and made.make:
            changed[ref] = made.make([changed[other] if other in changed else read(other) for other in made.inputs])
    return changed
