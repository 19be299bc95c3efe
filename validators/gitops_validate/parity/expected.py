"""Which of the differences between two environments are to be expected: the declared ones, and those in each one's own name and domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.config import Differ
from gitops_validate.model.change import ABSENT, Change, Expectation, FieldChange
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.parity.declared import ALL, Declared
from gitops_validate.parity.leaves import fields, follows, path_of
from gitops_validate.parity.outline import Compared
from gitops_validate.parity.paired import paired
from gitops_validate.parity.releases import Releases, is_release, reference
from gitops_validate.placing.patch import Ask, Texts
from gitops_validate.review.sides import Sides
from gitops_validate.review.veil import Veil


class Expected(Struct, dict=True):
    """Two environments of one checkout, and the entries of `differ`."""

    sides: Sides
    entries: Sequence[Differ]
    ask: Ask
    veil: Veil

    def __post_init__(self) -> None:
        self.declared = Declared(self.entries)
        self.one, self.other = (Compared(side.rendered, Texts(self.ask)) for side in (self.sides.before, self.sides.after))
        self.meant = {ALL, self.one.rendered.environment.name, self.other.rendered.environment.name}

    def marked(self, changes: Iterable[Change]) -> list[Change]:
        """The differences, each field and each object marked if it is to be expected; those in a release's values are told as its own."""
        every = list(Releases(self.one, self.other, self.veil).told(paired(changes, self.sides, self.veil)))
        loose = {reference(change.subject) for change in every if is_release(change.subject) and not self._whole(change)}
        return [self._mark(change, loose) for change in every]

    def _mark(self, change: Change, loose: set[ReconcilerRef]) -> Change:
        made = change.reconciler.kind == "HelmRelease"
        whole = self._follows(change.reconciler, loose) if made else self._whole(change)
        seen = (each if each.noise else replace(each, expected="follows" if made and whole else self._field(change, each)) for each in change.fields)
        return replace(change, expected=whole and not change.noise, fields=tuple(seen))

    def _follows(self, release: ReconcilerRef, loose: set[ReconcilerRef]) -> bool:
        """Whether all that a release differs in is expected, so that what its chart makes of that is, too."""
        one, other = (side.reconcilers.get(release) for side in (self.sides.before, self.sides.after))
        if one is None or other is None:
            return self._may_be_missing((self.sides.before if one else self.sides.after).chain(release))
        return one.chart == other.chart and release not in loose

    def _whole(self, change: Change) -> bool:
        """Whether everything in a difference that no chart makes is expected."""
        if change.action in ("added", "removed"):
            side = self.sides.after if change.after else self.sides.before
            return self._may_be_missing([self._name(change), *side.chain(change.reconciler)])
        return all(each.noise or self._field(change, each) for each in change.fields)

    def _may_be_missing(self, names: Iterable[ReconcilerRef | str]) -> bool:
        """Whether one of several objects, each of which applies the one before it, may be in one of the two environments alone."""
        return any(self.meant & self.declared.of(str(name)).presence for name in names)

    def _field(self, change: Change, field: FieldChange) -> Expectation:
        there = ABSENT not in (field.before, field.after)
        held = change.ref.kind == "Secret" and field.route[:1] == ("data",)
        if there and (held or self.one.own.same(field.before, field.after, self.other.own)):
            return "own"
        if held or not field.route:
            return ""
        allowed, paths = self.declared.of(self._name(change)), list(self._paths(change, field))
        if all(map(follows, paths)):
            return "follows"
        return "declared" if all(follows(path) or self.meant & allowed.scope(path) for path in paths) else ""

    def _paths(self, change: Change, field: FieldChange) -> Iterator[str]:
        """The fields that a difference is about: all those below, where one environment has none of them."""
        if field.after is ABSENT and change.before:
            where, lone = path_of(self.one.data(change.before), field.route), field.before
        else:
            where, lone = path_of(self.other.data(change.subject), field.route), field.after if field.before is ABSENT else None
        yield from (where + below for below, _ in fields(lone))

    def _name(self, change: Change) -> str:
        return (self.other if change.after else self.one).name(change.subject)
