"""The review as one page: what each environment is in for, why, and every object with both its versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from gitops_validate.model.change import Change, EnvironmentReview, FieldChange, Level, Review
from gitops_validate.model.identity import ObjectRef
from gitops_validate.report.look import Look
from gitops_validate.report.merged import Same, environments, merged
from gitops_validate.report.review.objects import Objects, worst
from gitops_validate.report.review.sides import sides
from gitops_validate.report.review.text import asked
from gitops_validate.report.review.told import Consequence, consequences, counts, declared, headline, message, short, title, unknown
from gitops_validate.report.sheet import folded, foot, head, said, unsure
from gitops_validate.report.totals import plural

_STYLES, _SCRIPTS, _MANY = ("style.css", "review.css"), ("review.js",), 200


def write(review: Review, out: TextIO, _look: Look) -> None:
    """Write the page."""
    objects = Objects(review)
    out.write(head(_headline(review), _STYLES, _SCRIPTS))
    parts = (
        _top(review),
        _environments(review),
        _unknown(review),
        *_consequences(review, objects),
        *_findings(review),
        *objects.section(),
        _declared(review),
        _unread(review),
    )
    out.writelines(parts)
    out.write(foot(_SCRIPTS))


def _headline(review: Review) -> str:
    words = headline(review)
    return words[0].upper() + words[1:]


def _top(review: Review) -> str:
    files = f" · {plural(len(review.files), 'changed file')}" if review.files else ""
    return (
        f'<body>\n<a class="skip" href="#objects">Skip to the objects</a>\n<header class="top {worst(review.level)}">\n'
        f'<p class="brand">gitops-validate</p>\n<h1>{_headline(review)}</h1>\n'
        f'<p class="sum">{said(review.base)} → {said(review.head)}{files}</p>\n</header>\n<main>\n'
    )


def _environments(review: Review) -> str:
    cards = "".join(map(_environment, review.environments))
    return f'<ul class="environments">{cards}</ul>\n' if cards else ""


def _environment(each: EnvironmentReview) -> str:
    state = {"new": "a new environment: ", "gone": "no longer described: "}.get(each.state, "")
    numbers = "".join(f"<p>{word} {old} → {new}</p>" for word, old, new in asked(each.before, each.after) if old != new)
    found = each.level.label if each.level else "nothing changes"
    about = f"<p>{state}{said(counts(each))}</p>" if each.level else ""
    return f'<li class="level-{each.level.label}"><h2>{said(each.name)}</h2><p class="found">{found}</p>{about}{numbers}</li>'


def _unknown(review: Review) -> str:
    found = unknown(review)
    rows = "".join(f"<li>{said(words)} <small>{said(', '.join(names))}</small></li>" for words, names in found.items())
    return unsure("Not rendered, so that what changes below is not known", len(found), f'<ul class="list">{rows}</ul>') if rows else ""


def _consequences(review: Review, objects: Objects) -> Iterator[str]:
    for level, found in consequences(review):
        rows = "".join(_consequence(each, objects) for each in found[:_MANY])
        more = f"<li>and {len(found) - _MANY:,} more</li>" if len(found) > _MANY else ""
        body = f'<ul class="list">{rows}{more}</ul>'
        title = f"<h2>{level.label.capitalize()}</h2> <small>{len(found):,}</small>"
        opened = "" if level is Level.ROUTINE else " open"
        yield f'<section class="consequences level-{level.label}"><details{opened}><summary>{title}</summary>{body}</details></section>\n'


def _consequence(each: Consequence, objects: Objects) -> str:
    where = f"<small>{said(', '.join(each.environments))}</small>" if each.environments else ""
    if each.objects:
        links = ", ".join(_link(ref, short(ref), each, objects) for ref in each.objects)
        return f"<li>{said(each.objects[0].kind)} ({links}{said(each.rest)} {where}</li>"
    about = each.impact.object
    return f"<li>{_link(about, str(about), each, objects) + ' ' if about else ''}{said(message(each.impact))} {where}</li>"


def _link(ref: ObjectRef, text: str, each: Consequence, objects: Objects) -> str:
    anchor = objects.of(ref, each.environments)
    return f'<a href="#{anchor}">{said(text)}</a>' if anchor else f"<span>{said(text)}</span>"


def _findings(review: Review) -> Iterator[str]:
    for heading, mood, findings in (
        ("Findings that this brings", "level-dangerous", review.brought),
        ("Findings that this removes", "level-routine", review.removed),
    ):
        listed = list(merged(findings))
        if listed:
            rows = "".join(map(_finding, listed[:_MANY]))
            more = f"<li>and {len(listed) - _MANY:,} more</li>" if len(listed) > _MANY else ""
            yield f'<section class="consequences {mood}"><h2>{heading}</h2><ul class="list">{rows}{more}</ul></section>\n'


def _finding(same: Same) -> str:
    finding, names = same[0], ", ".join(environments(same))
    place = f"{finding.place.path}:{finding.place.line}" if finding.place.line else finding.place.path
    return f"<li><code>{said(place)}</code> {finding.severity.label}: {said(finding.message)} <small>{said(finding.rule)} {said(names)}</small></li>"


def _declared(review: Review) -> str:
    found = declared(review)
    rows = "".join(f"<li>{said(title(change))} {_between(review, change, field)}</li>" for change, field in found)
    return folded("Declared to differ", len(found), f'<ul class="list">{rows}</ul>') if found else ""


def _between(review: Review, change: Change, field: FieldChange | None) -> str:
    if field is None:
        return f"<small>only in {said(review.head if change.after else review.base)}</small>"
    before, after = (" ".join(side) for side in sides(field))
    return f"<code>{said(field.path)}</code> <small><del>{said(before) or 'none'}</del> → <ins>{said(after) or 'none'}</ins></small>"


def _unread(review: Review) -> str:
    rows = "".join(f"<li><code>{said(path)}</code></li>" for path in review.unread[:_MANY])
    return folded("Changed files that no environment is built from", len(review.unread), f'<ul class="list">{rows}</ul>') if rows else ""
