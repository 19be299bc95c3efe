"""The review for a terminal: what each environment is in for, then every change once, with the fields that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from gitops_validate.model.change import EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.finding import Finding
from gitops_validate.model.requests import Requests
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look, Role
from gitops_validate.report.merged import environments, merged
from gitops_validate.report.review.sides import sides
from gitops_validate.report.review.told import Told, alike, consequences, counts, declared, title, told, unknown
from gitops_validate.report.totals import plural
from gitops_validate.workloads.quantity import cores, size

_ROLES: dict[Level, Role] = {Level.NOTHING: "dim", Level.ROUTINE: "good", Level.CAREFUL: "warning", Level.DANGEROUS: "error"}
_MARKS = {"added": "+", "removed": "-", "modified": "~", "renamed": ">"}
_LONGEST, _MANY, _FIELDS, _TITLES = 300, 200, 40, 4000


def write(review: Review, out: TextIO, look: Look) -> None:
    """Write the whole review."""
    out.writelines(line + "\n" for line in lines(review, look))


def lines(review: Review, look: Look) -> Iterator[str]:
    """The review, line by line."""
    yield look.style(f"{visible(review.base)} → {visible(review.head)}", "dim")
    yield ""
    yield from _summary(review, look)
    for level, found in consequences(review):
        yield ""
        yield f"{level.label}:"
        yield from (_impact(each.impact, each.environments, review, look) for each in found[:_MANY])
        if len(found) > _MANY:
            yield f"  and {len(found) - _MANY:,} more"
    yield from _findings("findings that this brings", review.brought, look)
    yield from _findings("findings that this removes", review.removed, look)
    yield from _unknown(review, look)
    yield from _changes(review, look)
    yield from _declared(review, look)
    yield from _unread(review)
    yield from _gaps(review)


def _summary(review: Review, look: Look) -> Iterator[str]:
    width = max((len(visible(each.name)) for each in review.environments), default=0)
    for each in review.environments:
        level = look.style(f"{each.level.label:<9}", _ROLES[each.level])
        state = {"new": "a new environment, ", "gone": "no longer described, "}.get(each.state, "")
        yield f"{visible(each.name):<{width}}  {level}  {state}{counts(each)}{_requests(each)}"


def _requests(environment: EnvironmentReview) -> str:
    before, after = environment.before, environment.after
    return "".join(f" · {word} {old} → {new}" for word, old, new in asked(before, after) if old != new)


def asked(before: Requests | None, after: Requests | None) -> list[tuple[str, str, str]]:
    """What is asked for before and after, as a person reads it; nothing where that is not known."""
    if before is None or after is None:
        return []
    return [
        ("CPU", cores(before.cpu), cores(after.cpu)),
        ("memory", size(before.memory), size(after.memory)),
        ("storage", size(before.storage), size(after.storage)),
    ]


def _impact(impact: Impact, names: Sequence[str], review: Review, look: Look) -> str:
    about = f"{visible(str(impact.object))}: " if impact.object and str(impact.object) not in impact.message else ""
    where = "" if not names or len(review.environments) == 1 else f" ({', '.join(map(visible, names))})"
    return f"  {look.style(impact.level.label[0], _ROLES[impact.level])} {about}{visible(impact.message, _LONGEST)}{look.style(where, 'dim')}"


def _findings(words: str, findings: Sequence[Finding], look: Look) -> Iterator[str]:
    if findings:
        yield ""
        yield f"{words}:"
    listed = list(merged(findings))
    for same in listed[:_MANY]:
        finding, names = same[0], environments(same)
        place = ":".join([visible(finding.place.path) or "(no file)", *(str(number) for number in (finding.place.line,) if number)])
        where = f" ({', '.join(map(visible, names))})" if names else ""
        yield f"  {look.style(place, 'path')}: {finding.severity.label}: {visible(finding.message, _LONGEST)}{where} {look.style(f'[{finding.rule}]', 'dim')}"
    if len(listed) > _MANY:
        yield f"  and {len(listed) - _MANY:,} more"


def _unknown(review: Review, look: Look) -> Iterator[str]:
    found = unknown(review)
    if found:
        yield ""
        yield look.style("not rendered, so that what changes below it is not known:", "warning")
    for words, names in found.items():
        yield f"  {visible(words, _LONGEST)} ({', '.join(map(visible, names))})"


def _changes(review: Review, look: Look) -> Iterator[str]:
    loud = alike([each for each in told(review) if not each.change.quiet])
    for same in loud[:_MANY]:
        yield ""
        yield from _change(same, review, look)
    if len(loud) > _MANY:
        yield ""
        yield f"and {plural(sum(map(len, loud[_MANY:])), 'more object')}: --format html=FILE shows them all"


def _change(same: Sequence[Told], review: Review, look: Look) -> Iterator[str]:
    change, environments = same[0].change, same[0].environments
    names = "" if len(review.environments) == 1 else f" in {', '.join(map(visible, environments))}"
    mark = look.style(_MARKS[change.action], _ROLES[change.level])
    reconcilers = dict.fromkeys(str(each.change.reconciler) for each in same)
    by = next(iter(reconcilers)) if len(reconcilers) == 1 else plural(len(reconcilers), "reconciler")
    yield f"{mark} {visible(_titles(same), _TITLES)}{names} {look.style(f'[{visible(by)}]', 'dim')}"
    if change.action == "renamed" and change.before:
        yield f"    was {visible(str(change.before.ref))}"
    loud = [field for field in change.fields if not field.quiet]
    for field in loud[:_FIELDS]:
        yield from _field(field, look)
    if len(loud) > _FIELDS:
        yield f"    and {plural(len(loud) - _FIELDS, 'more field')}"


def _titles(same: Sequence[Told]) -> str:
    """The object, or the many objects that change in the same way."""
    if len(same) == 1:
        return title(same[0].change)
    names = [title(each.change).partition("/")[2] for each in same]
    return f"{same[0].change.ref.kind} ({len(same):,}): {', '.join(names)}"


def _field(field: FieldChange, look: Look) -> Iterator[str]:
    before, after = sides(field)
    if len(before) <= 1 and len(after) <= 1:
        old, new = (visible(text[0], _LONGEST) if text else "(none)" for text in (before, after))
        yield f"    {visible(field.path)}: {look.style(old, 'error')} → {look.style(new, 'good')}"
        return
    yield f"    {visible(field.path)}:"
    yield from _hunks(before, after, look)


def _hunks(before: Sequence[str], after: Sequence[str], look: Look) -> Iterable[str]:
    from gitops_validate.report.review.sides import hunks  # noqa: PLC0415 - difflib is seldom needed

    for mark, text in hunks(before, after):
        role: Role = "error" if mark == "-" else "good" if mark == "+" else "dim"
        yield look.style(f"      {mark} {visible(text, _LONGEST)}", role)


def _declared(review: Review, look: Look) -> Iterator[str]:
    found = declared(review)
    if found:
        yield ""
        yield look.style("declared to differ:", "dim")
    for change, field in found[:_MANY]:
        shown = _short(field) if field else f"only in {review.head if change.after else review.base}"
        yield f"  {visible(title(change))} {look.style(visible(shown, _LONGEST), 'dim')}"
    if len(found) > _MANY:
        yield f"  and {len(found) - _MANY:,} more"


def _short(field: FieldChange) -> str:
    """A field on one line, its values if they fit."""
    before, after = sides(field)
    if len(before) > 1 or len(after) > 1:
        return field.path
    return f"{field.path}: {before[0] if before else '(none)'} → {after[0] if after else '(none)'}"


def _unread(review: Review) -> Iterator[str]:
    if review.unread:
        shown = ", ".join(map(visible, review.unread[:10]))
        yield ""
        yield f"{plural(len(review.unread), 'changed file')} that no environment is built from: {shown}{' …' if len(review.unread) > 10 else ''}"


def _gaps(review: Review) -> Iterator[str]:
    """Why the exit code is 3: the gaps of what the change reaches, most of which are the same before and after it."""
    gaps = [gap for gap in review.incomplete if not gap.accepted]
    if gaps:
        names = sorted({visible(gap.environment) for gap in gaps if gap.environment})
        yield ""
        yield f"{plural(len(gaps), 'gap')}{' of ' if names else ''}{', '.join(names)}, which gitops-validate check lists as far as they stay: not all could be rendered and judged"
