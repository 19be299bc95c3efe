"""Markdown for the note of a merge request: what each environment is in for first, then what changes in it, folded.

Everything is an HTML block without an empty line in it, in which Markdown has no meaning, and everything from the repository stands in `<code>`
or `<pre>`, where GitLab looks for no mention, reference or command; no line begins with it. GitLab takes 1,000,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TextIO

from gitops_validate.model.change import Change, EnvironmentReview, FieldChange, Level, Review
from gitops_validate.model.finding import Finding, Severity
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look
from gitops_validate.report.merged import environments, merged
from gitops_validate.report.review.sides import hunks, sides
from gitops_validate.report.review.text import asked
from gitops_validate.report.review.told import Consequence, Told, consequences, counts, declared, headline, message, title, told, unknown
from gitops_validate.report.totals import plural

LARGEST = 990_000
SMALL = 60_000
"""Characters after which objects are only named: a note should open at once."""
MARKS = {Level.NOTHING: "⚪", Level.ROUTINE: "🟢", Level.CAREFUL: "🟡", Level.DANGEROUS: "🔴"}
_LONGEST, _MANY, _LINES, _FEW = 300, 100, 60, 25


def write(review: Review, out: TextIO, _look: Look) -> None:
    """Write the note; what does not fit is left out, and the end says so."""
    left, cut = LARGEST, 0
    for part in _parts(review):
        left -= len(part)
        if left > 0:
            out.write(part)
        else:
            cut += 1
    if cut:
        out.write(f"\n<p>{plural(cut, 'section')} left out, as a note holds 1,000,000 characters: the HTML report has all.</p>\n")


def _parts(review: Review) -> Iterator[str]:
    yield f"## {MARKS[review.level]} gitops-validate: {headline(review)}\n\n"
    yield f"<p>{code(review.base)} → {code(review.head)}</p>\n\n"
    yield _table(["", "environment", "what changes", "CPU", "memory", "storage"], [_overview(each) for each in review.environments])
    for level, found in consequences(review):
        yield _consequences(level, found, opened=level is review.level and level > Level.ROUTINE)
    yield from _findings("❌ findings that this brings", review.brought, opened=any(each.severity is Severity.ERROR for each in review.brought))
    yield from _findings("✅ findings that this removes", review.removed)
    yield from _unknown(review)
    yield from _changes(review)
    yield from _declared(review)
    if review.unread:
        names = ", ".join(map(code, review.unread[:_MANY]))
        yield _fold(f"{plural(len(review.unread), 'changed file')} that no environment is built from", f"<p>{names}</p>")


def _overview(each: EnvironmentReview) -> list[str]:
    state = {"new": "a new environment: ", "gone": "no longer described: "}.get(each.state, "")
    least = "≥ " if each.unknown else ""  # what is not rendered asks for something, too
    numbers = [least + (old if old == new else f"{old} → {new}") for _, old, new in asked(each.before, each.after)] or [""] * 3
    return [f"{MARKS[each.level]} {each.level.label}", code(each.name), state + counts(each), *numbers]


def _consequences(level: Level, found: Sequence[Consequence], *, opened: bool) -> str:
    rows = [[_named(each.environments), _stacked(code(str(each.impact.object or "")), code(message(each.impact)))] for each in found[:_MANY]]
    body = _rows(["where", "what happens"], rows) + _more(found)
    return _fold(f"{MARKS[level]} <b>{level.label}</b>: {len(found):,}", body, opened=opened)


def _findings(words: str, findings: Sequence[Finding], *, opened: bool = False) -> Iterator[str]:
    """Each finding once, with the environments that it is in; a long path has the width of the table."""
    if not findings:
        return
    listed = list(merged(findings))
    rows = [[_named(environments(same)), _stacked(f"{same[0].severity.label}: {code(same[0].message)}", _place(same[0]))] for same in listed[:_MANY]]
    yield _fold(f"<b>{words}</b>: {len(listed):,}", _rows(["where", "what"], rows) + _more(listed), opened=opened)


def _place(finding: Finding) -> str:
    place = finding.place
    return f"{code(f'{place.path}:{place.line}' if place.line else place.path)} {code(finding.rule)}".strip()


def _more(listed: Sequence[object]) -> str:
    return f"<p>and {len(listed) - _MANY:,} more</p>\n" if len(listed) > _MANY else ""


def _named(environments: Iterable[str]) -> str:
    return ", ".join(map(code, environments)) or "the repository"


def _stacked(*parts: str) -> str:
    return "<br>".join(filter(None, parts))


def _unknown(review: Review) -> Iterator[str]:
    rows = [[_named(names), code(words)] for words, names in unknown(review).items()]
    if rows:
        body = _rows(["where", "why"], rows[:_MANY]) + _more(rows)
        yield _fold(f"⚠️ <b>not rendered</b>, so that what changes below is not known: {len(rows):,}", body)


def _changes(review: Review) -> Iterator[str]:
    """Every object once: with its fields while the note is small, then by its name; many of them folded once more."""
    loud = [each for each in told(review) if not each.change.quiet]
    sections = list(_objects(loud))
    if len(loud) > _FEW:
        yield _fold(f"<b>objects</b>: {len(loud):,}", "\n".join(section.rstrip() for section in sections))
    else:
        yield from sections


def _objects(loud: Sequence[Told]) -> Iterator[str]:
    written, named = 0, []
    for each in loud:
        section = _change(each) if written < SMALL else ""
        written += len(section)
        if section:
            yield section
        else:
            named.append(each)
    if named:
        rows = [[code(each.change.action), code(title(each.change)), _named(each.environments)] for each in named[: 10 * _MANY]]
        yield _fold(f"<b>and {plural(len(named), 'more object')}</b>: the HTML report shows them", _rows(["", "object", "where"], rows))


def _declared(review: Review) -> Iterator[str]:
    rows = [[code(title(change)), *_cells(change, field)] for change, field in declared(review)[: 10 * _MANY]]
    if rows:
        yield _fold(f"<b>declared to differ</b>: {len(rows):,}", _rows(["object", "field", *map(code, (review.base, review.head))], rows))


def _cells(change: Change, field: FieldChange | None) -> list[str]:
    if field is None:
        return ["", *("" if side is None else "only here" for side in (change.before, change.after))]
    return [code(field.path), *(code(side[0] if len(side) == 1 else f"{len(side):,} lines") if side else "" for side in sides(field))]


def _change(each: Told) -> str:
    change = each.change
    lines = [line for field in change.fields if not field.quiet for line in _field(field.path, *sides(field))]
    if change.action == "renamed" and change.before:
        lines.insert(0, f"was {escape(visible(str(change.before.ref), _LONGEST))}")
    shown = lines[:_LINES] + ([f"… {len(lines) - _LINES:,} more lines"] if len(lines) > _LINES else [])
    body = f"<pre>{chr(10).join(shown)}</pre>\n" if shown else ""
    return _fold(f"{MARKS[change.level]} {change.action} {code(title(change))} in {_named(each.environments)}", body)


def _field(path: str, before: list[str], after: list[str]) -> Iterator[str]:
    yield f"# {escape(visible(path, _LONGEST))}"
    yield from (f"{'&nbsp;' if mark == ' ' else mark} {escape(visible(text, _LONGEST))}" for mark, text in hunks(before, after))


def _fold(summary: str, body: str, *, opened: bool = False) -> str:
    """One HTML block."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>\n{body.rstrip()}\n</details>\n\n" if body else f"<p>{summary}</p>\n\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"{_rows(head, rows)}\n"


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>\n<tr>{top}</tr>\n{body}\n</table>\n"


def code(text: str) -> str:
    """Text from the repository, as data."""
    return f"<code>{escape(visible(text, _LONGEST))}</code>" if text else ""
