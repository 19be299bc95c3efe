"""The objects of the page: by the environments that they change in, then by what applies them, each with its fields and both versions."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape
from itertools import groupby, islice

from gitops_validate.model.change import Change, Level, Review
from gitops_validate.model.identity import ObjectRef
from gitops_validate.report.escape import visible
from gitops_validate.report.review.block import lines
from gitops_validate.report.review.sides import sides
from gitops_validate.report.review.told import Told, title, told
from gitops_validate.report.review.words import Piece, Row, rows
from gitops_validate.report.sheet import said

_ROWS, _WIDE, _FIELDS, _OPEN = 120, 300, 30, 12
"""Lines of an object and characters of a line that are shown, fields that are listed, objects that are open from the start."""
_KEYS = (
    '<p class="legend keys" hidden><kbd>/</kbd> filter · <kbd>Enter</kbd> the first · <kbd>j</kbd> <kbd>k</kbd> next and previous · '
    "<kbd>v</kbd> side by side · <kbd>t</kbd> light or dark · <kbd>Esc</kbd> all</p>\n"
)
_ACTIONS = ("added", "removed", "modified", "renamed")


class Objects:
    """The changed objects of a review, each with an anchor that stays the same from one run to the next."""

    def __init__(self, review: Review) -> None:
        self.review = review
        self.names = [each.name for each in review.environments]
        every = told(review)
        self.loud = [each for each in every if not each.change.quiet]
        self.noise = sum(each.change.noise for each in every)
        self._anchors: dict[int, str] = {}
        self._by_object: dict[tuple[str, str], str] = {}
        for each in self.loud:
            anchor = self._anchor(each)
            self._anchors[id(each)] = anchor
            for name in each.environments:
                self._by_object.setdefault((name, title(each.change)), anchor)

    def _anchor(self, each: Told) -> str:
        known = "\0".join((*each.environments, str(each.change.reconciler), title(each.change)))
        anchor = f"o-{sha256(known.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"
        while anchor in self._anchors.values():
            anchor += "x"
        return anchor

    def of(self, ref: ObjectRef, environments: tuple[str, ...]) -> str:
        """The anchor of an object in these environments, "" if it has none here."""
        return next((found for name in environments if (found := self._by_object.get((name, str(ref))))), "")

    def section(self) -> Iterator[str]:
        """The filter, and the objects below it."""
        if not self.loud:
            return
        yield f'<section id="objects" class="objects" tabindex="-1">\n<h2>Objects</h2>\n{_KEYS}{self._filter()}'
        shown = 0
        scopes = sorted(self.loud, key=lambda each: (each.environments, str(each.change.reconciler)))
        for names, scope in groupby(scopes, key=lambda each: each.environments):
            yield f'<section class="scope"><h3>{" · ".join(map(said, names))}</h3>\n'
            for reconciler, several in groupby(scope, key=lambda each: str(each.change.reconciler)):
                cards = list(several)
                yield f'<details class="file" open><summary><span class="path">{said(reconciler)}</span> <small>{len(cards):,}</small></summary>\n'
                for each in cards:
                    shown += 1
                    yield self._card(each, opened=shown <= _OPEN)
                yield "</details>\n"
            yield "</section>\n"
        if self.noise:
            yield f'<p class="legend">{self.noise:,} more change in labels, checksums and generated names only.</p>\n'
        yield '<p class="none" hidden>Nothing matches. <button type="button" class="reset">Show all</button></p>\n</section>\n'

    def _filter(self) -> str:
        levels = sorted({each.change.level for each in self.loud}, reverse=True)
        chips = "".join(
            f'<label class="chip level-{level.label}"><input type="checkbox" name="level" value="{level.label}" checked><span>{level.label}</span></label>'
            for level in levels
        )
        actions = "".join(f'<option value="{word}">{word}</option>' for word in _ACTIONS if any(each.change.action == word for each in self.loud))
        kinds = sorted({each.change.ref.kind for each in self.loud})
        kind_options = "".join(f'<option value="{number}">{said(kind)}</option>' for number, kind in enumerate(kinds))
        self._kinds = kinds
        named = "".join(f'<option value="{number}">{said(name)}</option>' for number, name in enumerate(self.names))
        return (
            '<form class="filter" role="search" hidden>'
            '<label class="text"><span class="hidden">Text</span><input type="search" name="text" placeholder="Filter  ( / )" autocomplete="off"></label>'
            f'<fieldset><legend class="hidden">Level</legend>{chips}</fieldset>'
            f'<label><span class="hidden">Action</span><select name="action"><option value="">Every change</option>{actions}</select></label>'
            f'<label><span class="hidden">Kind</span><select name="kind"><option value="">Every kind</option>{kind_options}</select></label>'
            f'<label><span class="hidden">Environment</span><select name="environment"><option value="">Everywhere</option>{named}</select></label>'
            '<button type="button" class="view" aria-pressed="false">Side by side</button>'
            '<button type="button" class="theme" aria-label="Light or dark">◐</button>'
            '<output role="status"></output></form>\n'
        )

    def _card(self, each: Told, *, opened: bool) -> str:
        change, anchor = each.change, self._anchors[id(each)]
        here = " ".join(str(self.names.index(name)) for name in each.environments)
        data = f'data-level="{change.level.label}" data-action="{change.action}" data-kind="{self._kinds.index(change.ref.kind)}" data-environment="{here}"'
        return (
            f'<details class="object level-{change.level.label}" id="{anchor}" {data}{" open" if opened else ""}>'
            f'<summary><b class="{change.action}">{change.action}</b> <span class="title">{said(title(change))}</span> '
            f'<a class="anchor" href="#{anchor}" aria-label="Link to this object">#</a></summary>\n'
            f"{_was(change)}{_impacts(change)}{_fields(change)}{_versions(change)}{_where(change)}</details>\n"
        )


def _was(change: Change) -> str:
    return f'<p class="meta">was {said(str(change.before.ref))}</p>' if change.action == "renamed" and change.before else ""


def _impacts(change: Change) -> str:
    rows = "".join(f'<li class="level-{each.level.label}"><b>{each.level.label}</b> {said(each.message)}</li>' for each in change.impacts)
    return f'<ul class="impacts">{rows}</ul>' if rows else ""


def _fields(change: Change) -> str:
    """The fields that fit on a line; of longer ones the versions below show more."""
    loud = [field for field in change.fields if not field.quiet]
    listed = []
    for field in loud[:_FIELDS]:
        before, after = sides(field)
        short = len(before) <= 1 and len(after) <= 1
        values = f"<del>{_value(before)}</del> → <ins>{_value(after)}</ins>" if short else f"{len(before):,} → {len(after):,} lines"
        listed.append(f"<dt>{said(field.path)}</dt><dd>{values}</dd>")
    more = f"<dt>and {len(loud) - _FIELDS:,} more</dt><dd></dd>" if len(loud) > _FIELDS else ""
    return f'<dl class="fields">{"".join(listed)}{more}</dl>' if listed else ""


def _value(texts: list[str]) -> str:
    return said(texts[0][:_WIDE]) if texts else "<i>none</i>"


def _versions(change: Change) -> str:
    before, after = (lines(value) for value in change.shown)
    found = list(islice(rows(before, after), _ROWS + 1))
    if not any(row.kind == "changed" for row in found):
        return '<p class="meta">Only values of a Secret differ.</p>' if change.ref.kind == "Secret" else ""
    body = "".join(map(_row, found[:_ROWS]))
    more = '<div class="row gap"><span>more lines: --format unified shows all</span></div>' if len(found) > _ROWS else ""
    single = " single" if change.action in ("added", "removed") else ""
    return f'<div class="diff{single}" tabindex="0" role="region" aria-label="Both versions">{body}{more}</div>'


def _row(row: Row) -> str:
    if row.kind == "gap":
        return f'<div class="row gap"><span>{row.gap:,} lines as before</span></div>'
    if row.kind == "same":
        text = _pieces(row.before, "")
        return f'<div class="row same"><span>{text}</span><span class="twin">{text}</span></div>'
    old = f"<del>{_pieces(row.before, 'mark')}</del>" if row.before else '<span class="twin"></span>'
    new = f"<ins>{_pieces(row.after, 'mark')}</ins>" if row.after else '<span class="twin"></span>'
    return f'<div class="row">{old}{new}</div>'


def _pieces(pieces: tuple[Piece, ...], tag: str) -> str:
    """A line as the page shows it; the part behind the width is cut."""
    shown, left = [], _WIDE
    for text, differs in pieces:
        part = escape(visible(text[:left]))
        shown.append(f"<{tag}>{part}</{tag}>" if differs and tag else part)
        left -= len(text)
        if left <= 0:
            shown.append("…")
            break
    return "".join(shown) or " "


def _where(change: Change) -> str:
    path = change.subject.origin.path
    return f'<p class="meta">written in {said(path)}</p>' if path else ""


def worst(level: Level) -> str:
    """The mood of a page, by the names that its style knows."""
    return {Level.NOTHING: "good", Level.ROUTINE: "good", Level.CAREFUL: "fair", Level.DANGEROUS: "bad"}[level]
