"""What a change does: two states of a checkout, environment by environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from gitops_validate.check import Options, Walk, walk
from gitops_validate.discover import root_of, walk_root
from gitops_validate.keeping import cache as caches
from gitops_validate.keeping.cache import Cache
from gitops_validate.model.change import EnvironmentReview, Impact, Level, Review
from gitops_validate.model.finding import Finding
from gitops_validate.model.manifest import Repo
from gitops_validate.review.base import at_hand, default_base, exactly, parted
from gitops_validate.review.environment import appeared, reviewed, vanished
from gitops_validate.review.merging import merging
from gitops_validate.review.pairs import paired
from gitops_validate.review.refused import Refusals
from gitops_validate.review.repository import loosened
from gitops_validate.review.sides import Side, Sides, objects
from gitops_validate.review.state import State, states
from gitops_validate.review.veil import Veil
from gitops_validate.revisions import trust
from gitops_validate.revisions.former import Former
from gitops_validate.revisions.history import Commit, copied
from gitops_validate.revisions.trust import COMMIT


@dataclass(frozen=True)
class Asked:
    """Which two states are compared: `base` is where the work parted from, "" for the default; `head` a commit, "" for the files as they are."""

    base: str = ""
    head: str = ""


def review(options: Options, asked: Asked) -> Review:
    """What changes between two states of a checkout. Raises UsageError if one cannot be had, or the later one cannot be judged."""
    root, trusted = root_of(options.path), trust.base()
    ref = asked.base or default_base(root)
    named = [name for name in (ref, asked.head, trusted) if COMMIT.fullmatch(name)]
    with at_hand(root, named, offline=options.offline) as store:
        options = replace(options, trusted=exactly(root, trusted, store(trusted)) if trusted else None)
        base = exactly(root, ref, store(ref)) if asked.head else parted(root, ref, store(ref))
        with _head(options, root, asked.head, store) as head, copied(base, root) as folder:
            walked = Walk(walk_root(folder), base.sha, head.cache, root)
            options = replace(options, former=Former(base.root, base.sha, _tip(root, base, asked, head)))
            with states(options, walked, head) as (before, after):
                return _compared(f"{ref} ({base.sha[:12]})" if ref != base.sha else ref[:12], asked.head or "the checkout", before, after)


def _tip(root: Path, base: Commit, asked: Asked, head: Walk) -> str:
    """The last commit of the change, "" where the first had to be fetched without those between."""
    return "" if base.root != root else head.revision if asked.head else trust.tip()


@contextmanager
def _head(options: Options, root: Path, head: str, store: Callable[[str], Path]) -> Iterator[Walk]:
    if not head:
        yield walk(options)
        return
    commit = exactly(root, head, store(head))
    with copied(commit, root) as folder:
        yield Walk(walk_root(folder), commit.sha, Cache(caches.beside(root) if options.cache else None), root)


def _compared(base: str, head: str, before: State | None, after: State) -> Review:
    mine, theirs = ({name: side for name, side in each.sides.items() if name not in after.untouched} if each else {} for each in (before, after))
    veil = Veil([*objects([*mine.values(), *theirs.values()]), *chain.from_iterable(after.untouched.values())])
    refusals = Refusals(after.asker)
    found = [_environment(one, other, veil, refusals) for one, other in paired(mine, theirs)]
    found += [EnvironmentReview(name, "unchanged", before=None, after=None) for name in after.untouched]
    environments = tuple(sorted(found, key=lambda each: each.name))
    known = {finding.fingerprint for finding in before.report.findings} if before else set()
    now = {finding.fingerprint for finding in after.report.findings}
    files = _files(before, after)
    return Review(
        base,
        head,
        environments,
        tuple(replace(each, message=veil.text(each.message)) for each in loosened(before.repo, after.repo)) if before else (),
        tuple(map(veil.finding, _only(after.report.findings, known))),
        tuple(map(veil.finding, _only(before.report.findings, now))) if before else (),
        tuple(map(veil.gap, after.report.incomplete)),
        files,
        tuple(path for path in files if not after.reads(path) and not (before and before.reads(path))),
        tuple(sorted({*after.others, *(before.others if before else ())})),
    )


def _environment(before: Side | None, after: Side | None, veil: Veil, refusals: Refusals) -> EnvironmentReview:
    if before is None or after is None:
        assert before or after
        return appeared(after, veil) if after else vanished(before, veil) if before else EnvironmentReview("", "unchanged")
    found = reviewed(Sides(before, after, merging(before, after, refusals.asker)), veil, refusals)
    old, new = before.rendered.environment, after.rendered.environment
    own = []
    if old.name != new.name:
        own.append(Impact(Level.CAREFUL, "renamed-environment", f"was called {old.name}: its keys, paths and domain have to follow"))
    if old.kubernetes != new.kubernetes:
        own.append(Impact(Level.CAREFUL, "kubernetes", f"is judged as Kubernetes {new.kubernetes}, and not {old.kubernetes}"))
    return replace(found, state="changed", impacts=(*own, *found.impacts)) if own else found


def _only(findings: Iterable[Finding], known: set[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.fingerprint not in known)


def _files(before: State | None, after: State) -> dict[str, str]:
    """The files that differ, each with what happened to it; sorted."""
    old, new = (_content(each.repo) if each else {} for each in (before, after))
    words = {
        path: "added" if path not in old else "removed" if path not in new else "modified" for path in {*old, *new} if old.get(path) != new.get(path)
    }
    return dict(sorted(words.items()))


def _content(repo: Repo) -> dict[str, str]:
    return {**repo.digests, **{path: f"link to {target}" for path, target in repo.links.items()}}
