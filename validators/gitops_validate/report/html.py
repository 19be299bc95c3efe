"""The report as one page that explains itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from gitops_validate.model.finding import Incomplete
from gitops_validate.model.report import Report
from gitops_validate.report.cards import Cards, tally
from gitops_validate.report.drawing import drawing
from gitops_validate.report.look import Look
from gitops_validate.report.merged import gaps_together, merged
from gitops_validate.report.prose import as_html
from gitops_validate.report.sheet import folded, foot, head, said, unsure
from gitops_validate.report.totals import extent, plural
from gitops_validate.rule import rules


def write(report: Report, out: TextIO, look: Look) -> None:
    """Write the page."""
    cards = Cards(report, look)
    out.write(head(_verdict(report)[1], ["style.css"], ["script.js"]))
    out.writelines((_top(report), _environments(report), _unchecked(report), *cards.sections(), *_graphs(report, cards), *_rest(report, cards)))
    out.write(foot(["script.js"]))


def _verdict(report: Report) -> tuple[str, str]:
    """The mood of the page, and its headline."""
    found = tally(report.findings)
    if any(finding.severity >= report.summary.fail_level for finding in report.findings):
        return "bad", found
    if any(not gap.accepted for gap in report.incomplete):
        return "unsure", "Not everything could be checked"
    return ("fair", found) if found else ("good", "Nothing found")


def _top(report: Report) -> str:
    mood, headline = _verdict(report)
    names = report.summary.environments
    extents = " · ".join([*([plural(len(names), "environment")] if names else []), extent(report)])
    return (
        f'<body>\n<a class="skip" href="#findings">Skip to the findings</a>\n<header class="top {mood}">\n<p class="brand">gitops-validate</p>\n'
        f'<h1>{said(headline)}</h1>\n<p class="sum">{said(extents)}</p>\n</header>\n<main>\n'
    )


def _environments(report: Report) -> str:
    """A card for each environment: what was found in it, and how much of it there is."""
    cards = []
    for number, name in enumerate(report.summary.environments):
        found = [finding for finding in report.findings if finding.environment == name]
        nodes = [node for node in report.graph if node.environment == name]
        failed = sum(node.state == "failed" for node in nodes)
        told = plural(len(nodes), "reconciler") + (f", {failed} failed" if failed else "")
        words = tally(found)
        mood = f"sev-{max(finding.severity for finding in found).label}" if found else "good"
        link = f'<a href="#graph-{number}">{told}</a>' if nodes else told
        cards.append(f'<li class="{mood}"><h2>{said(name)}</h2><p class="found">{words or "Nothing found"}</p><p>{link}</p></li>')
    return f'<ul class="environments">{"".join(cards)}</ul>\n' if cards else ""


def _unchecked(report: Report) -> str:
    gaps = [gap for gap in report.incomplete if not gap.accepted]
    return unsure("Not checked", len(gaps_together(gaps)), _gap_list(gaps)) if gaps else ""


def _gap_list(gaps: Sequence[Incomplete]) -> str:
    return f'<ul class="list">{"".join(_gap(gap, names) for gap, names in gaps_together(gaps))}</ul>'


def _gap(gap: Incomplete, names: Sequence[str]) -> str:
    about = " · ".join(said(part) for part in (gap.what, gap.path, ", ".join(names)) if part)
    return f"<li><b>{said(gap.subject)}</b> {said(gap.accepted or gap.reason)} <small>{about}</small></li>"


def _graphs(report: Report, cards: Cards) -> Iterator[str]:
    drawn = []
    for number, name in enumerate(report.summary.environments):
        nodes = [node for node in report.graph if node.environment == name]
        if not nodes:
            continue
        picture = drawing(nodes, cards.by_reconciler(name)) or f"<p>{plural(len(nodes), 'reconciler')}: too many to draw.</p>"
        troubled = any(node.state == "failed" for node in nodes)
        opened = " open" if troubled or (number == 0 and not report.findings) else ""
        label = said(f"Reconcilers of {name}")
        drawn.append(
            f"<details{opened}><summary><h3>{said(name)}</h3> <small>{plural(len(nodes), 'reconciler')}</small></summary>"
            f'<div class="scroll" id="graph-{number}" tabindex="0" role="region" aria-label="{label}">{picture}</div></details>'
        )
    if drawn:
        legend = "What comes first stands left; a line leads to what it declares, and to what waits for it."
        yield f'<section class="graphs"><h2>Reconcilers</h2><p class="legend">{legend}</p>{"".join(drawn)}</section>\n'


def _rest(report: Report, cards: Cards) -> Iterator[str]:
    for title, findings in (("Waived", report.excused), ("In the baseline", report.known)):
        if findings:
            listed = "".join(cards.card(same) for same in merged(findings))
            yield folded(title, len(findings), f'<div class="file">{listed}</div>')
    if accepted := [gap for gap in report.incomplete if gap.accepted]:
        yield folded("Not checked, and accepted", len(accepted), _gap_list(accepted))
    if report.pending:
        waiting: dict[tuple[str, str], list[str]] = {}
        for pending in report.pending:
            waiting.setdefault((pending.name, pending.reason), []).append(pending.environment)
        rows = (f"<li><b>{said(name)}</b> {said(reason)} <small>{said(', '.join(names))}</small></li>" for (name, reason), names in waiting.items())
        yield folded("Secrets that wait for a person", len(report.pending), f'<ul class="list">{"".join(rows)}</ul>')
    yield _pages(cards.rules)


def _pages(anchors: Mapping[str, str]) -> str:
    """Why each rule that has found something exists, and what to do instead."""
    known = rules()
    pages = [
        f"<details><summary><h3>{said(name)}</h3> <small>{said(known[name].title)}</small></summary>"
        f'<div class="prose" id="{anchor}">{as_html(known[name])}</div></details>'
        for name, anchor in sorted(anchors.items())
        if name in known
    ]
    return f'<section class="rules"><h2>The rules behind it</h2>{"".join(pages)}</section>\n' if pages else ""
