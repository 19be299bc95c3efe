"""The same change in several environments, told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.model.change import ABSENT, Change, EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.finding import Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.report.merged import merged
from gitops_validate.report.totals import plural

ALIKE = 4
"""Objects of a kind from which a consequence that they all have is told once."""
NAMED = 6
"""How many of them are named, so that a line is not cut; of those that are dangerous each is, in as many lines as that takes."""


class Told(Struct, frozen=True):
    """A change, and the environments that it is the same in."""

    change: Change
    environments: tuple[str, ...]


class Consequence(Struct, frozen=True):
    """A consequence, and the environments that it is the same in; of the repository itself in none.

    One that many objects of a kind have is told once: `objects` are those that its message names, and `rest` is how it goes on behind their names.
    """

    impact: Impact
    environments: tuple[str, ...] = ()
    objects: tuple[ObjectRef, ...] = ()
    rest: str = ""


def unknown(review: Review) -> dict[str, list[str]]:
    """What could not be rendered and why, each once, with the environments that it is so in."""
    found: dict[str, list[str]] = {}
    for environment in review.environments:
        for words in environment.unknown:
            found.setdefault(words, []).append(environment.name)
    return found


def headline(review: Review) -> str:
    """The review in a few words: the level, how many errors the change brings, and how much of it is not known."""
    words = "nothing changes in any cluster" if review.level is Level.NOTHING else f"a {review.level.label} change"
    errors = sum(same[0].severity is Severity.ERROR for same in merged(review.brought))
    gaps = len(unknown(review))
    more = [plural(errors, "new error")] if errors else []
    more += [f"{gaps:,} not rendered"] if gaps else []
    return " · ".join((words, *more))


def message(impact: Impact) -> str:
    """What happens, without the name of the object that is told beside it."""
    return impact.message.removeprefix(str(impact.object)).lstrip() if impact.object else impact.message


def told(review: Review) -> list[Told]:
    """Every change once, the most dangerous first."""
    found: dict[tuple[object, ...], tuple[Change, list[str]]] = {}
    for environment in review.environments:
        for change in environment.changes:
            found.setdefault(_key(change), (change, []))[1].append(environment.name)
    every = [Told(change, tuple(environments)) for change, environments in found.values()]
    return sorted(every, key=lambda each: (each.change.quiet, -each.change.level, str(each.change.reconciler), str(each.change.ref)))


def alike(every: Sequence[Told]) -> list[list[Told]]:
    """Changes of which many are the same but for the object, together; each other one alone. In their order."""
    found: dict[tuple[object, ...], list[Told]] = {}
    for each in every:
        change = each.change
        fields = tuple((field.path, _content(field.before), _content(field.after)) for field in change.fields if not field.quiet)
        own = title(change) if change.action == "renamed" else ""
        found.setdefault((change.action, change.ref.kind, change.level, each.environments, fields, own), []).append(each)
    return [group for same in found.values() for group in ([same] if len(same) >= ALIKE else [[each] for each in same])]


def _key(change: Change) -> tuple[object, ...]:
    fields = tuple((field.path, _content(field.before), _content(field.after)) for field in change.fields)
    whole = () if change.action == "modified" else tuple(map(_content, change.shown))
    return change.action, change.ref.kind, change.ref.namespace, name(change), change.reconciler, fields, whole, change.impacts


def _content(value: object) -> str:
    """What two values that are told as one have in common. Names of files need not be UTF-8, so that JSON would not do."""
    return repr(value)


def name(change: Change) -> str:
    """The object's name, without the hash of a generated one."""
    shown = next((each for each in reversed(change.shown) if each is not ABSENT), None)
    metadata = shown.get("metadata") if isinstance(shown, dict) else None
    found = metadata.get("name") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else change.ref.name


def title(change: Change) -> str:
    """What the change is about: `Deployment/web/web`."""
    return "/".join(part for part in (change.ref.kind, change.ref.namespace, name(change)) if part)


def consequences(review: Review) -> Iterator[tuple[Level, list[Consequence]]]:
    """All that a change has, by level: the most dangerous first."""
    every = [*map(Consequence, review.repository), *together(review.environments)]
    for level in (Level.DANGEROUS, Level.CAREFUL, Level.ROUTINE):
        if found := [each for each in every if each.impact.level == level]:
            yield level, found


def together(environments: Iterable[EnvironmentReview]) -> list[Consequence]:
    """Every consequence once, with the environments that it is the same in; one that many objects of a kind have, once for all of them."""
    found: dict[Impact, list[str]] = {}
    for environment in environments:
        for impact in environment.impacts:
            found.setdefault(impact, []).append(environment.name)
    groups: dict[tuple[object, ...], list[Impact]] = {}
    for impact, names in sorted(found.items(), key=lambda each: each[0].order):
        shared = (impact.object.api_version, impact.object.kind) if impact.object else ()
        groups.setdefault((impact.level, impact.kind, message(impact), impact.field, shared, tuple(names)), []).append(impact)
    return [each for same in groups.values() for each in _for_all(same, tuple(found[same[0]]))]


def _for_all(same: Sequence[Impact], environments: tuple[str, ...]) -> list[Consequence]:
    """The same consequence of some objects of a kind."""
    refs = [impact.object for impact in same if impact.object]
    if len(same) < ALIKE or not refs:
        return [Consequence(impact, environments) for impact in same]
    parts = [tuple(refs[start : start + NAMED]) for start in range(0, len(refs), NAMED)]
    told = parts if same[0].level is Level.DANGEROUS else parts[:1]
    more = f" and {len(refs) - NAMED:,} more" if len(told) < len(parts) else ""
    words = message(same[0])
    rest = f"{more}){':' if words == same[0].message else ''} {words}"
    return [
        Consequence(replace(same[0], object=None, message=f"{refs[0].kind} ({', '.join(map(short, part))}{rest}"), environments, part, rest)
        for part in told
    ]


def short(ref: ObjectRef) -> str:
    """An object's name where its kind is told once for many."""
    return "/".join(filter(None, (ref.namespace, ref.name)))


def counts(environment: EnvironmentReview) -> str:
    """How many objects change, in words: `2 modified, 1 added`, and how much is not known; "nothing" if none does."""
    words = [f"{number:,} {action}" for action in ("added", "removed", "modified", "renamed") if (number := environment.count(action))]
    quiet, expected = (sum(marks) for marks in ([each.noise for each in environment.changes], [each.expected for each in environment.changes]))
    words += [f"{quiet:,} in labels or checksums only"] if quiet else []
    words += [f"{expected:,} as expected"] if expected else []
    words += [f"{len(environment.unknown):,} not rendered"] if environment.unknown else []
    return ", ".join(words) or "nothing"


def declared(review: Review) -> list[tuple[Change, FieldChange | None]]:
    """What two environments were declared to differ in: fields, and whole objects that only one of them has."""
    changes = [change for environment in review.environments for change in environment.changes if change.reconciler.kind != "HelmRelease"]
    fields = [(change, field) for change in changes for field in change.fields if field.expected == "declared"]
    return sorted([*fields, *((change, None) for change in changes if change.expected and not change.fields)], key=lambda each: title(each[0]))
