"""Findings as cards of the page: by where they apply, then by file; each with its lines, what to do, and its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

from gitops_validate.model.finding import Finding, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.excerpt import Line, Source
from gitops_validate.report.look import Look
from gitops_validate.report.merged import Same, by_file, counts, environments, merged, where
from gitops_validate.report.sheet import said
from gitops_validate.report.totals import plural

WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_OPEN = 100
"""Findings that are shown unfolded when there are more of them."""


def tally(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 note`."""
    return ", ".join(plural(number, WORDS[severity]) for severity, number in counts(findings).items() if number)


class Cards:
    """The findings of a report, with an anchor for each of them and for each rule."""

    def __init__(self, report: Report, look: Look) -> None:
        self.report = report
        self.names = sorted({finding.environment for finding in report.findings} | set(report.summary.environments))
        several = [*merged(report.findings), *merged(report.waived)]
        self.anchors = {id(same[0]): f"f{number}" for number, same in enumerate(several, 1)}
        self._first = {(each.environment, each.reconciler): id(same[0]) for same in reversed(several) for each in same if not each.waived}
        self.rules = {name: f"rule-{number}" for number, name in enumerate(sorted({same[0].rule for same in several}), 1)}
        self._source = lru_cache(maxsize=8)(lambda path: self._read(path, look))
        self._shown = 0

    def by_reconciler(self, environment: str) -> dict[str, tuple[str, int]]:
        """The anchor of the first finding of each reconciler of an environment, and how many there are."""
        found: dict[str, int] = {}
        for finding in self.report.findings:
            if finding.environment == environment and finding.reconciler:
                found[finding.reconciler] = found.get(finding.reconciler, 0) + 1
        return {name: (self.anchors[self._first[environment, name]], number) for name, number in found.items()}

    def sections(self) -> Iterator[str]:
        """The filter, and the findings below it."""
        yield '<section id="findings" class="findings" tabindex="-1">\n'
        if self.report.findings:
            yield f"<h2>Findings</h2>\n{self._filter()}"
            for names, findings in self._scopes():
                title = " · ".join(map(said, names)) or "Whatever the environment"
                yield f'<section class="scope"><h3>{title} <small>{tally(findings)}</small></h3>\n'
                for path, several in by_file(findings):
                    yield self._file(path, several)
                yield "</section>\n"
            yield '<p class="none" hidden>Nothing matches. <button type="button" class="reset">Show all</button></p>\n'
        yield "</section>\n"

    def _scopes(self) -> list[tuple[tuple[str, ...], list[Finding]]]:
        """Findings by the environments that they are in, worse ones first."""
        scopes: dict[tuple[str, ...], list[Finding]] = {}
        for same in merged(self.report.findings):
            scopes.setdefault(environments(same), []).extend(same)
        return sorted(scopes.items(), key=lambda scope: (-max(finding.severity for finding in scope[1]), -len(scope[0]), scope[0]))

    def _filter(self) -> str:
        present = [severity for severity, number in counts(self.report.findings).items() if number]
        boxes = "".join(
            f'<label class="chip sev-{severity.label}"><input type="checkbox" name="severity" value="{severity.label}" checked>'
            f"<span>{WORDS[severity]}s</span></label>"
            for severity in present
        )
        used = sorted({finding.rule for finding in self.report.findings})
        options = "".join(f'<option value="{self.rules[rule]}">{said(rule)}</option>' for rule in used)
        named = "".join(f'<option value="{number}">{said(name)}</option>' for number, name in enumerate(self.names) if name)
        return (
            '<form class="filter" role="search" hidden>'
            '<label class="text"><span class="hidden">Text</span><input type="search" name="text" placeholder="Filter  ( / )" autocomplete="off"></label>'
            f'<fieldset><legend class="hidden">Severity</legend>{boxes}</fieldset>'
            f'<label><span class="hidden">Rule</span><select name="rule"><option value="">Every rule</option>{options}</select></label>'
            f'<label><span class="hidden">Environment</span><select name="environment"><option value="">Everywhere</option>{named}</select></label>'
            '<output role="status"></output></form>\n'
        )

    def _file(self, path: str, several: Sequence[Same]) -> str:
        opened = " open" if self._shown < _OPEN else ""
        self._shown += len(several)
        body = "".join(map(self.card, several))
        return f'<details class="file"{opened}><summary><span class="path">{_path(path)}</span> <small>{len(several):,}</small></summary>{body}</details>\n'

    def card(self, same: Same) -> str:
        """One finding."""
        first = same[0]
        here = " ".join(str(self.names.index(each.environment)) for each in same if each.environment in self.names)
        data = f'data-severity="{first.severity.label}" data-rule="{self.rules[first.rule]}" data-environment="{here}"'
        return (
            f'<article class="card sev-{first.severity.label}" id="{self.anchors[id(first)]}" tabindex="-1" {data}>'
            f'<p class="message"><b>{WORDS[first.severity]}</b> {said(first.message)}</p>{self._excerpt(first)}{_notes(same)}'
            f'<p class="meta"><a href="#{self.rules[first.rule]}">{said(first.rule)}</a> {_meta(same)}</p></article>\n'
        )

    def _excerpt(self, finding: Finding) -> str:
        source = self._source(finding.place.path) if finding.place.line and finding.place.path else None
        lines = source.around(finding.place.line, finding.place.column, finding.place.end) if source else []
        body = "".join(_line(line, line.number == finding.place.line) for line in lines)
        return f'<pre class="excerpt" tabindex="0" aria-label="line {finding.place.line}">{body}</pre>' if lines else ""

    @staticmethod
    def _read(path: str, look: Look) -> Source | None:
        text = look.source(path)
        return Source(text) if text is not None else None


def _line(line: Line, here: bool) -> str:
    mark = f"<mark>{escape(line.marked)}</mark>" if line.marked else ""
    return f'<span class="line{" marked" if here else ""}"><i>{line.number}</i>{escape(line.before)}{mark}{escape(line.after)}\n</span>'


def _notes(same: Same) -> str:
    first = same[0]
    notes = [("fix", first.fix), ("waived because", first.waived)]
    return "".join(f'<p class="note"><b>{word}</b> {said(text)}</p>' for word, text in notes if text)


def _meta(same: Same) -> str:
    first = same[0]
    place = f"line {first.place.line}" + (f", column {first.place.column}" if first.place.column else "") if first.place.line else ""
    named = str(first.object) if first.object and first.place.precision not in ("field", "object") else ""
    return "".join(f"<span>{said(part)}</span> " for part in (place, named, where(same)) if part)


def _path(path: str) -> str:
    """The path, which may break after a slash."""
    return said(path).replace("/", "/<wbr>") or "(no file)"
