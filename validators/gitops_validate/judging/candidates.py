"""Rules at work: what they find in a checkout, or in what was rendered for one environment, each finding with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct, field

from gitops_validate.config import Config
from gitops_validate.judging.flowing import veil_over
from gitops_validate.judging.outcome import Outcome
from gitops_validate.judging.subjects import WRITTEN, Context, Subjects
from gitops_validate.judging.waivers import Candidate
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Finding, Incomplete, Problem
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.outline import Outline
from gitops_validate.model.place import At
from gitops_validate.model.render import InObject, InValues, Likeliest, Reconciler, Render, Rendered
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.outline import outline
from gitops_validate.placing.patch import Ask
from gitops_validate.placing.places import Found, Places
from gitops_validate.placing.routes import dotted
from gitops_validate.revisions.former import Former
from gitops_validate.rule import Rule, rules
from gitops_validate.secrets.pending import pending
from gitops_validate.workloads.inventory import graph
from gitops_validate.workloads.requests import requests

LONGEST = 1000
"""Characters of a message that are told: libraries quote whatever they refuse."""


class Told(Struct, frozen=True):
    """What a rule said of a subject."""

    rule: Rule
    problem: Problem
    environment: str
    reconciler: str


def outcome(repo: Repo, rendered: Rendered, config: Config, ask: Ask) -> Outcome:
    """What the rules about rendered things find in one environment."""
    judging, veil = Judging.over(repo, [rendered], config, ask), veil_over([rendered])
    judging.hide = veil.text
    candidates = judging.candidates([rule for rule in rules().values() if rule.reads[0] not in (*WRITTEN, Fleet)])
    seen = _outline(judging, rendered, ask)
    return Outcome(
        rendered.environment.name,
        tuple(candidates),
        tuple(map(veil.gap, _gaps(rendered, judging))),
        len(rendered.renders),
        len(rendered.objects),
        sum(verdict.verdict in ("accepted", "rejected", "schema-mismatch") for verdict in rendered.verdicts),
        not any(render.failure or render.incomplete for render in rendered.renders),
        pending(repo, rendered),
        requests(rendered.objects),
        graph=tuple(graph([rendered])),
        outline=seen,
    )


def _gaps(rendered: Rendered, judging: Judging) -> Iterator[Incomplete]:
    yield from rendered.gaps
    yield from chain.from_iterable((*render.incomplete, *render.aside) for render in rendered.renders)
    yield from (*judging.broken, *judging.subjects.missed)


def _outline(judging: Judging, rendered: Rendered, ask: Ask) -> Outline:
    """What is kept to hold the environment against others; a fault in it must not take the rules with it, nor pass for clean."""
    try:
        return outline(judging.repo, rendered, judging.subjects.config, ask)
    except Exception as fault:  # noqa: BLE001 - as for rules
        reason = f"comparing it with others failed with {type(fault).__name__}: please report it"
        judging.broken.append(Incomplete("rule", "undeclared-difference", reason, environment=rendered.environment.name))
        return Outline()


def side_by_side(repo: Repo, fleet: Fleet, config: Config, ask: Ask) -> Outcome:
    """What the rules find that hold all environments against each other."""
    judging = Judging(repo, Places(repo, fleet.rendered, ask), Subjects(repo, (), config, ask, fleet=fleet))
    candidates = judging.candidates([rule for rule in rules().values() if rule.reads[0] is Fleet])
    return Outcome("", tuple(candidates), tuple(judging.broken), 0, 0, 0, whole=True)


class Judging(Struct):
    """Rules at work: what they find, and in `broken` those that failed themselves."""

    repo: Repo
    places: Places
    subjects: Subjects
    broken: list[Incomplete] = field(default_factory=list)
    hide: Callable[[str], str] = str
    """Keeps back what Secrets hold, which libraries quote with whatever it has flowed into."""

    @classmethod
    def over(
        cls, repo: Repo, rendered: Sequence[Rendered], config: Config, ask: Ask, identities: bytes = b"", former: Former | None = None
    ) -> Judging:
        """The rules over a checkout, or over environments of it; encrypted files are verified with the private keys in `identities`."""
        places = Places(repo, {each.environment.name: each for each in rendered}, ask)
        return cls(repo, places, Subjects(repo, rendered, config, ask, identities=identities, former=former))

    def candidates(self, asked: Iterable[Rule]) -> list[Candidate]:
        """What these rules find, each once, with its place."""
        told = [each for rule in asked for each in self.told_by(rule)]
        found = self.places.find([each.problem.at for each in told])
        return list(_distinct(_candidate(each, place, self.repo, self.hide) for each, place in zip(told, found, strict=True)))

    def told_by(self, rule: Rule) -> Iterator[Told]:
        """What one rule says of everything that it reads, if the profile lets it speak."""
        if rule.profile > self.subjects.config.profile:
            return
        for subject, context in self.subjects.of(rule.reads[0]):
            try:
                found = list(rule.problems(subject, context))
            except Exception as fault:  # noqa: BLE001 - a rule that fails must not take the others with it, nor pass for clean
                self.broken.append(_broken(rule, subject, context, fault))
                continue
            if found:
                yield from _told(rule, subject, context, found)


def _told(rule: Rule, subject: object, context: Context, found: Iterable[Problem]) -> list[Told]:
    environment = context[Environment].name if Environment in context else ""
    reconciler = str(subject.ref) if isinstance(subject, Reconciler) else str(subject.reconciler.ref) if isinstance(subject, Render) else ""
    return [Told(rule, problem, environment, reconciler) for problem in found]


def _broken(rule: Rule, subject: object, context: Context, fault: Exception) -> Incomplete:
    """A fault of ours. Its message may quote what stands in the checkout, so only its type is told."""
    path = getattr(subject, "path", "")
    environment = context[Environment].name if Environment in context else ""
    return Incomplete(
        "rule", rule.id, f"the rule failed with {type(fault).__name__}: please report it", path if isinstance(path, str) else "", environment
    )


def _candidate(told: Told, found: Found, repo: Repo, hide: Callable[[str], str]) -> Candidate:
    problem = told.problem
    ref, reconciler, route = _named(problem, repo)
    message = hide(problem.message)
    finding = Finding(
        told.rule.id,
        told.rule.severity,
        message if len(message) <= LONGEST else f"{message[:LONGEST]}…",
        found.place,
        "",
        hide(problem.fix),
        problem.environment or told.environment or found.environment,
        problem.reconciler or reconciler or told.reconciler,
        problem.object or ref,
        hide(problem.field or route),
    )
    return Candidate(finding, found.homes)


def _named(problem: Problem, repo: Repo) -> tuple[ObjectRef | None, str, str]:
    """The object, the reconciler and the field that follow from where a problem is."""
    match problem.at:
        case InObject(rendered, route):
            return rendered.ref, str(rendered.reconciler), dotted(route)
        case InValues(release, route):
            return release.ref, f"{release.ref.kind}/{release.ref.namespace}/{release.ref.name}", dotted(route)
        case Likeliest(spots):
            return spots[0].object.ref if isinstance(spots[0], InObject) else spots[0].release.ref, "", dotted(spots[0].route)
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
