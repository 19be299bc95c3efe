"""The report: what the rules find in the checkout and what they found in its environments, with the waivers applied, sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain

import orjson
from msgspec.structs import replace

from gitops_validate.config import Config
from gitops_validate.judging.baseline import settle
from gitops_validate.judging.candidates import Judging
from gitops_validate.judging.fingerprint import fingerprinted
from gitops_validate.judging.outcome import Outcome
from gitops_validate.judging.subjects import WRITTEN
from gitops_validate.judging.unsaid import unsaid
from gitops_validate.judging.verdicts import told_once
from gitops_validate.judging.waivers import Before, accept, apply
from gitops_validate.model.finding import Incomplete, order
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.report import Report, Summary
from gitops_validate.model.waiver import BaselineEntry, WaiverUse
from gitops_validate.placing.patch import Ask, Texts
from gitops_validate.revisions.former import Former
from gitops_validate.rule import rules

AFTERWARDS = (WaiverUse, BaselineEntry)
"""What is known only when everything else was found."""


def judge(  # noqa: PLR0913 - all that a run has found out
    repo: Repo,
    outcomes: Sequence[Outcome],
    config: Config,
    ask: Ask,
    today: date,
    gaps: Iterable[Incomplete] = (),
    *,
    partial: bool = False,
    before: Callable[[str], bytes] | None = None,
    identities: bytes = b"",
    former: Former | None = None,
    baseline: Sequence[BaselineEntry] = (),
) -> Report:
    """The report on a checkout.

    `gaps` is what could not be done besides; `partial` says that only some environments were looked at; `before` gives, in a merge
    request, the files of the base commit; `former` is where a change starts, if that is known; `identities` are private keys with which
    encrypted files are verified; `baseline` has findings that are passed over. An outcome without an environment is that of all of them
    side by side.
    """
    judging = Judging.over(repo, (), config, ask, identities, former)
    candidates = judging.candidates([rule for rule in rules().values() if rule.reads[0] in WRITTEN and rule.reads[0] not in AFTERWARDS])
    candidates += chain.from_iterable(outcome.candidates for outcome in outcomes)
    standing, waived, uses = apply(candidates, repo, config, today, _documents(before, ask) if before else None)
    whole = not partial and all(outcome.whole for outcome in outcomes) and not any(file.problems for file in repo.files.values())
    judging.subjects.uses = [replace(use, certain=whole and _is_here(use, outcomes)) for use in uses]
    standing += [each.finding for each in judging.candidates([rule for rule in rules().values() if rule.reads[0] is WaiverUse])]
    told, known, unused = settle(fingerprinted(sorted(standing, key=order)), baseline)
    judging.subjects.unused = [entry for entry in unused if whole or not entry.believed]
    told += fingerprinted(each.finding for each in judging.candidates([rule for rule in rules().values() if rule.reads[0] is BaselineEntry]))
    missing = told_once(chain.from_iterable(outcome.gaps for outcome in outcomes))
    every = {*gaps, *missing, *unread(repo), *judging.subjects.gaps, *judging.broken}
    graph = tuple(chain.from_iterable(outcome.graph for outcome in outcomes))
    every |= set(unsaid(graph, chain(told, waived, known), every))
    return Report(
        replace(_summary(repo, outcomes, judging.subjects.macs), apart=partial and config.differ is not None),
        tuple(sorted(told, key=order)),
        tuple(sorted([*fingerprinted(sorted(waived, key=order)), *known], key=order)),
        tuple(sorted(accept(sorted(every), config, today))),
        tuple(sorted(chain.from_iterable(outcome.pending for outcome in outcomes))),
        graph,
    )


def _documents(before: Callable[[str], bytes], ask: Ask) -> Before:
    """The documents of a file of the base commit."""
    texts = Texts(ask)

    def documents(path: str) -> list[Manifest]:
        parsed = texts.parse(before(path).decode("utf-8", "replace"))
        return [Manifest(path, number, 0, orjson.dumps(data)) for number, data in parsed]

    return documents


def _is_here(use: WaiverUse, outcomes: Sequence[Outcome]) -> bool:
    return not use.environment or any(fnmatchcase(outcome.environment, use.environment) for outcome in outcomes)


def unread(repo: Repo) -> Iterator[Incomplete]:
    """The files that brought the engine down."""
    for path, file in repo.files.items():
        yield from (Incomplete("engine", path, problem.message, path) for problem in file.problems if problem.reason == "engine")


def _summary(repo: Repo, outcomes: Sequence[Outcome], macs: tuple[int, int]) -> Summary:
    return Summary(
        tuple(outcome.environment for outcome in outcomes if outcome.environment),
        sum(outcome.reconcilers for outcome in outcomes),
        sum(outcome.objects for outcome in outcomes),
        sum(outcome.checked for outcome in outcomes),
        len(repo.files),
        encrypted=macs[0],
        verified=macs[1],
    )
