"""Run every rule, find the line of each problem, apply the waivers, and sort it all into a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain

import orjson

from gitops_validate.config import Config
from gitops_validate.fingerprint import fingerprinted
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Finding, Incomplete, Problem
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import InObject, InValues, Reconciler, Render, Rendered
from gitops_validate.model.report import Report, Summary
from gitops_validate.model.waiver import WaiverUse
from gitops_validate.patch import Ask, Texts
from gitops_validate.places import Found, Places
from gitops_validate.routes import dotted
from gitops_validate.rule import Rule, rules
from gitops_validate.subjects import Context, Subjects
from gitops_validate.waivers import Before, Candidate, accept, apply

LONGEST = 1000
"""Characters of a message that are told: libraries quote whatever they refuse."""


@dataclass(frozen=True)
class Told:
    """What a rule said of a subject."""

    rule: Rule
    problem: Problem
    environment: str
    reconciler: str


def judge(
    repo: Repo,
    rendered: Sequence[Rendered],
    config: Config,
    ask: Ask,
    today: date,
    gaps: Iterable[Incomplete] = (),
    *,
    partial: bool = False,
    before: Callable[[str], bytes] | None = None,
) -> Report:
    """The report on a checkout.

    `gaps` is what earlier stages could not do; `partial` says that only some environments were looked at; `before` gives, in a merge
    request, the files of the base commit.
    """
    judging = Judging(repo, Places(repo, rendered, ask), Subjects(repo, rendered, config, ask))
    candidates = judging.candidates([rule for rule in rules().values() if rule.reads[0] is not WaiverUse])
    standing, waived, uses = apply(candidates, repo, config, today, _documents(before, ask) if before else None)
    whole = not partial and _is_whole(repo, rendered)
    judging.subjects.uses = [replace(use, certain=whole and _is_here(use, rendered)) for use in uses]
    standing += [each.finding for each in judging.candidates([rule for rule in rules().values() if rule.reads[0] is WaiverUse])]
    renders = chain.from_iterable(each.renders for each in rendered)
    every = {*gaps, *chain.from_iterable(render.incomplete for render in renders), *unread(repo), *judging.subjects.gaps, *judging.broken}
    return Report(
        _summary(repo, rendered),
        tuple(fingerprinted(sorted(standing, key=order))),
        tuple(fingerprinted(sorted(waived, key=order))),
        tuple(sorted(accept(sorted(every), config, today))),
    )


@dataclass
class Judging:
    """Rules at work: what they find, and in `broken` those that failed themselves."""

    repo: Repo
    places: Places
    subjects: Subjects
    broken: list[Incomplete] = field(default_factory=list)

    def candidates(self, asked: Iterable[Rule]) -> list[Candidate]:
        """What these rules find, each once, with its place."""
        told = [each for rule in asked for each in self._ask(rule)]
        found = self.places.find([each.problem.at for each in told])
        return list(_distinct(_candidate(each, place, self.repo) for each, place in zip(told, found, strict=True)))

    def _ask(self, rule: Rule) -> Iterator[Told]:
        for subject, context in self.subjects.of(rule.reads[0]):
            try:
                yield from _told(rule, subject, context)
            except Exception as fault:  # noqa: BLE001 - a rule that fails must not take the others with it, nor pass for clean
                self.broken.append(_broken(rule, subject, context, fault))


def _told(rule: Rule, subject: object, context: Context) -> list[Told]:
    environment = context[Environment].name if Environment in context else ""
    reconciler = str(subject.ref) if isinstance(subject, Reconciler) else str(subject.reconciler.ref) if isinstance(subject, Render) else ""
    return [Told(rule, problem, environment, reconciler) for problem in rule.problems(subject, context)]


def _documents(before: Callable[[str], bytes], ask: Ask) -> Before:
    """The documents of a file of the base commit."""
    texts = Texts(ask)

    def documents(path: str) -> list[Manifest]:
        parsed = texts.parse(before(path).decode("utf-8", "replace"))
        return [Manifest(path, number, 0, orjson.dumps(data)) for number, data in parsed]

    return documents


def _is_whole(repo: Repo, rendered: Sequence[Rendered]) -> bool:
    """Whether everything could be looked at: what did not render may hold what a waiver is for."""
    renders = chain.from_iterable(each.renders for each in rendered)
    return not any(render.failure or render.incomplete for render in renders) and not any(file.problems for file in repo.files.values())


def _is_here(use: WaiverUse, rendered: Sequence[Rendered]) -> bool:
    return not use.environment or any(fnmatchcase(each.environment.name, use.environment) for each in rendered)


def unread(repo: Repo) -> Iterator[Incomplete]:
    """The files that brought the engine down."""
    for path, file in repo.files.items():
        yield from (Incomplete("engine", path, problem.message, path) for problem in file.problems if problem.reason == "engine")


def _broken(rule: Rule, subject: object, context: Context, fault: Exception) -> Incomplete:
    """A fault of ours. Its message may quote what stands in the checkout, so only its type is told."""
    path = getattr(subject, "path", "")
    environment = context[Environment].name if Environment in context else ""
    return Incomplete(
        "rule", rule.id, f"the rule failed with {type(fault).__name__}: please report it", path if isinstance(path, str) else "", environment
    )


def _candidate(told: Told, found: Found, repo: Repo) -> Candidate:
    problem = told.problem
    ref, reconciler, route = _named(problem, repo)
    finding = Finding(
        told.rule.id,
        told.rule.severity,
        problem.message if len(problem.message) <= LONGEST else f"{problem.message[:LONGEST]}…",
        found.place,
        "",
        problem.fix,
        problem.environment or told.environment,
        problem.reconciler or reconciler or told.reconciler,
        problem.object or ref,
        problem.field or route,
    )
    return Candidate(finding, found.homes)


def _named(problem: Problem, repo: Repo) -> tuple[ObjectRef | None, str, str]:
    """The object, the reconciler and the field that follow from where a problem is."""
    match problem.at:
        case InObject(rendered, route):
            return rendered.ref, str(rendered.reconciler), dotted(route)
        case InValues(release, route):
            return release.ref, f"{release.ref.kind}/{release.ref.namespace}/{release.ref.name}", dotted(route)
        case At(path, document, route):
            manifest: Manifest | None = repo.at(path, document)
            return manifest.ref if manifest else None, "", dotted(route)
    return None, "", ""


def _distinct(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    seen = set()
    for candidate in candidates:
        finding = candidate.finding
        key = (finding.rule, finding.place, finding.message, finding.environment)
        if key not in seen:
            seen.add(key)
            yield candidate


def order(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by."""
    return finding.place, finding.rule, finding.environment, str(finding.object or ""), finding.field, finding.message, finding.reconciler


def _summary(repo: Repo, rendered: Sequence[Rendered]) -> Summary:
    return Summary(
        tuple(each.environment.name for each in rendered),
        sum(len(each.renders) for each in rendered),
        sum(len(each.objects) for each in rendered),
        sum(verdict.verdict in ("accepted", "rejected") for each in rendered for verdict in each.verdicts),
        len(repo.files),
    )
