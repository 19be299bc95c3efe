"""Two states of a checkout, rendered and held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec.structs import replace

from gitops_validate.check import Options, Standing, Walk
from gitops_validate.model.change import EnvironmentReview, Impact, Level, Review
from gitops_validate.model.finding import Finding
from gitops_validate.model.manifest import Repo
from gitops_validate.review.environment import appeared, reviewed, vanished
from gitops_validate.review.merging import merging
from gitops_validate.review.pairs import paired
from gitops_validate.review.refused import Refusals
from gitops_validate.review.repository import loosened
from gitops_validate.review.sides import Side, Sides, objects
from gitops_validate.review.state import State, states
from gitops_validate.review.unseen import out_of_sight, still_broken
from gitops_validate.review.veil import Veil


def compared(options: Options, before: Walk, after: Walk, names: tuple[str, str], standing: Standing) -> tuple[Review, dict[str, str]]:
    """The review of a change, and the archives of charts that it rests on, each with its digest. `names` are what the states are called.

    The engine that is `standing` may read both. Raises UsageError if the later state cannot be judged.
    """
    with states(options, before, after, standing) as (first, second):
        return _compared(*names, first, second), {**(first.charts if first else {}), **second.charts}


def _compared(base: str, head: str, before: State | None, after: State) -> Review:
    mine, theirs = ({name: side for name, side in each.sides.items() if name not in after.untouched} if each else {} for each in (before, after))
    veil = Veil([*objects([*mine.values(), *theirs.values()]), *chain.from_iterable(after.untouched.values())])
    refusals = Refusals(after.asker)
    pairs = list(paired(mine, theirs))
    found = [_environment(one, other, veil, refusals) for one, other in pairs]
    broken = [gap for one, other in pairs if one and other for gap in still_broken(Sides(one, other))]
    known = set(after.report.incomplete)
    former_gaps = [gap for gap in before.report.incomplete if gap not in known] if before else []
    broken += [gap for one, other in pairs if one for gap in out_of_sight(one, other, former_gaps)]
    found += [EnvironmentReview(name, "unchanged", before=None, after=None) for name in after.untouched]
    order = _order(before, after)
    former = before.report.findings if before else ()
    files = _files(before, after)
    return Review(
        base,
        head,
        tuple(sorted(found, key=lambda each: order.index(each.name))),
        tuple(replace(each, message=veil.text(each.message)) for each in loosened(before.repo, after.repo)) if before else (),
        tuple(veil.finding(_seen(each, pairs)) for each in _only(after.report.findings, former)),
        tuple(veil.finding(each) for each in _only(former, after.report.findings) if not _is_out_of_sight(each, pairs)),
        tuple(map(veil.gap, (*after.report.incomplete, *broken))),
        files,
        tuple(path for path in files if not after.reads(path) and not (before and before.reads(path))),
        tuple(sorted({*after.others, *(before.others if before else ())}, key=order.index)),
        order,
    )


def _order(before: State | None, after: State) -> tuple[str, ...]:
    """All environments in the order of promotion, and those that are gone at the end; by name where there is no such order."""
    names = dict.fromkeys([*after.order, *(before.order if before else ())])
    return tuple(names if after.config.environments else sorted(names))


def _environment(before: Side | None, after: Side | None, veil: Veil, refusals: Refusals) -> EnvironmentReview:
    if before is None or after is None:
        assert before or after
        return appeared(after, veil) if after else vanished(before, veil) if before else EnvironmentReview("", "unchanged")
    found = reviewed(Sides(before, after, merging(before, after, refusals.asker)), veil, refusals)
    old, new = before.rendered.environment, after.rendered.environment
    own = []
    if old.name != new.name:
        own.append(Impact(Level.CAREFUL, "renamed-environment", f"was called {old.name}: its keys, paths and domain have to follow"))
    if old.server != new.server:
        former = str(old.server).removeprefix("Kubernetes ")
        own.append(Impact(Level.CAREFUL, "kubernetes", f"is judged as {new.server}, and not {former}"))
    return replace(found, state="changed", impacts=(*own, *found.impacts)) if own else found


def _only(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are not among others. One of an object is the same in whatever file the object stands, and whatever applies it."""
    mine, theirs = list(findings), list(others)
    known, own = ({finding.fingerprint for finding in each} for each in (theirs, mine))
    moved = Counter(_of_object(finding) for finding in theirs if finding.object and finding.fingerprint not in own)
    return tuple(finding for finding in mine if finding.fingerprint not in known and not _taken(finding, moved))


def _seen(finding: Finding, pairs: Iterable[tuple[Side | None, Side | None]]) -> Finding:
    """A finding, with the word that only now it can be told, where its object is what it was and something else could not be rendered before."""
    for before, after in _of_environment(finding, pairs):
        mended = sorted(before.broken.keys() & after.reconcilers.keys() - after.broken.keys())
        bodies = [{thing.raw for thing in side.rendered.objects if thing.ref == finding.object} for side in (before, after)]
        if mended and bodies[0] and bodies[0] == bodies[1]:
            return replace(finding, message=f"{finding.message}; it may have been so before, when {mended[0]} could not be rendered")
    return finding


def _is_out_of_sight(finding: Finding, pairs: Iterable[tuple[Side | None, Side | None]]) -> bool:
    """Whether a finding is only gone because what it is about cannot be rendered any more."""
    for before, after in _of_environment(finding, pairs):
        sides = Sides(before, after)
        return any(thing.ref == finding.object and sides.unknown(thing, after, before) for thing in before.rendered.objects)
    return False


def _of_environment(finding: Finding, pairs: Iterable[tuple[Side | None, Side | None]]) -> Iterator[tuple[Side, Side]]:
    """The two sides of the environment of a finding about an object."""
    for before, after in pairs if finding.object else ():
        if before and after and after.rendered.environment.name == finding.environment:
            yield before, after


def _of_object(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.environment, finding.object, finding.field, finding.message


def _taken(finding: Finding, moved: Counter[tuple[object, ...]]) -> bool:
    """Whether a finding is one that has only moved; each counts once."""
    key = _of_object(finding)
    if not finding.object or not moved[key]:
        return False
    moved[key] -= 1
    return True


def _files(before: State | None, after: State) -> dict[str, str]:
    """The files that differ, each with what happened to it; sorted."""
    old, new = (_content(each.repo) if each else {} for each in (before, after))
    words = {
        path: "added" if path not in old else "removed" if path not in new else "modified" for path in {*old, *new} if old.get(path) != new.get(path)
    }
    return dict(sorted(words.items()))


def _content(repo: Repo) -> dict[str, str]:
    return {**repo.digests, **{path: f"link to {target}" for path, target in repo.links.items()}}
