"""What a change does: two states of a checkout, environment by environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.check import Options, Walk, started, walk
from gitops_validate.discover import root_of, walk_root
from gitops_validate.errors import UsageError
from gitops_validate.keeping import cache as caches
from gitops_validate.keeping.cache import Cache
from gitops_validate.model.change import Review
from gitops_validate.review import known
from gitops_validate.review.base import at_hand, default_base, exactly, parted
from gitops_validate.revisions import trust
from gitops_validate.revisions.former import Former
from gitops_validate.revisions.history import Commit, copied, copying
from gitops_validate.revisions.trust import COMMIT


class Asked(Struct, frozen=True):
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
        with _head(options, root, asked.head, store) as head:
            return _known_or_made(replace(options, former=Former(base.root, base.sha, _tip(root, base, asked, head))), asked, ref, base, head)


def _known_or_made(options: Options, asked: Asked, ref: str, base: Commit, head: Walk) -> Review:
    """The review of a change. What is told of the files as they are is kept; two commits are seldom compared twice."""
    name = known.key(replace(options, former=None, trusted=None), ref, base, head) if options.cache and not asked.head else ""
    if name and (found := known.recall(head, name)):
        return found
    names = f"{ref} ({base.sha[:12]})" if ref != base.sha else ref[:12], asked.head or "the checkout"
    with copying(base, head.repository) as (folder, copy), started(options, head, folder) as standing:
        from gitops_validate.review.compared import compared  # noqa: PLC0415 - read while the engine starts, and only where the review is not known

        copy()
        found, charts = compared(options, Walk(walk_root(folder), base.sha, head.cache, head.repository), head, names, standing)
        if name and head.checkout.is_unchanged:
            known.remember(head, name, found, known.outside(charts, folder))
    return found


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
        walked = walk_root(folder)
        try:
            yield Walk(walked, commit.sha, Cache(caches.beside(root) if options.cache else None), root)
        except UsageError as fault:  # the copy is gone when somebody reads of it
            raise UsageError(str(fault).replace(str(walked.root), f"{root} at {head}")) from fault
