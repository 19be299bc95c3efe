"""What a change to the repository does to what runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Any, Literal

from msgspec import Struct, field

from gitops_validate.model.finding import Finding, Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.placing.routes import Route

Action = Literal["added", "removed", "modified", "renamed"]
"""What happens to an object. One that a reconciler hands to another stays the object that it is."""
Expectation = Literal["", "declared", "own", "follows"]
"""Why two environments may differ in a field: it is declared, it is each one's own, or it follows from such a field; "" if they should agree."""


class Level(IntEnum):
    """How much care the merge of a change wants, in increasing order."""

    NOTHING = 0
    ROUTINE = 1
    CAREFUL = 2
    DANGEROUS = 3

    @property
    def label(self) -> str:
        """The word used in reports and on the command line."""
        return self.name.lower()


LASTING = frozenset({"data", "namespace", "definition", "gone-environment", "storage-class", "shrunk-claim", "backup"})
"""Consequences that no later change undoes."""


class Absent(Enum):
    """The value of a field that is not there; null is one that is."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


class FieldChange(Struct, frozen=True):
    """A field that is not what it was. Values are as they may be printed: what a Secret holds has been replaced before."""

    path: str
    """Where, with the items of lists named by their keys: `spec.containers[name=web].image`."""
    before: Any
    after: Any
    noise: bool = False
    """Whether it follows from something else, such as the label that names the chart's version."""
    route: Route = ()
    """Where in the object that has it: in `after`, or in `before` if it is gone."""
    expected: Expectation = ""

    @property
    def quiet(self) -> bool:
        """Whether nobody needs to read it."""
        return self.noise or bool(self.expected)


class Impact(Struct, frozen=True):
    """A consequence that a reviewer should know of: a stable word, and one sentence."""

    level: Level
    kind: str
    message: str
    object: ObjectRef | None = None
    field: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """What consequences are told by: the worst first, among those that which nothing undoes."""
        return -self.level, self.kind not in LASTING, str(self.object or ""), self.kind, self.message


class Change(Struct, frozen=True):
    """One object that differs between two states of an environment."""

    action: Action
    before: RenderedObject | None
    after: RenderedObject | None
    fields: tuple[FieldChange, ...] = ()
    impacts: tuple[Impact, ...] = ()
    shown: tuple[Any, Any] = (ABSENT, ABSENT)
    """Both versions of the object as they may be printed."""
    expected: bool = False
    """Whether two environments may differ in all of it, or do by their nature."""

    @property
    def subject(self) -> RenderedObject:
        """The object as it will be, or as it was if it goes."""
        found = self.after or self.before
        assert found
        return found

    @property
    def ref(self) -> ObjectRef:
        """What the object is known by."""
        return self.subject.ref

    @property
    def reconciler(self) -> ReconcilerRef:
        """What applies it, or did."""
        return self.subject.reconciler

    @property
    def level(self) -> Level:
        """The level of the worst consequence."""
        return max((impact.level for impact in self.impacts), default=Level.ROUTINE)

    @property
    def noise(self) -> bool:
        """Whether nothing but labels, checksums and generated names differs."""
        return self.action == "modified" and all(each.noise for each in self.fields)

    @property
    def quiet(self) -> bool:
        """Whether nobody needs to read it."""
        return self.noise or self.expected


class EnvironmentReview(Struct, frozen=True):
    """What a change does in one environment."""

    name: str
    state: Literal["changed", "unchanged", "new", "gone"]
    changes: tuple[Change, ...] = ()
    impacts: tuple[Impact, ...] = ()
    """All of them, the objects' and the environment's own, the worst first."""
    unknown: tuple[str, ...] = ()
    """What could not be rendered on one of the sides, so that nothing is said about it."""
    before: Requests | None = field(default_factory=Requests)
    after: Requests | None = field(default_factory=Requests)
    """None for an environment that the change does not reach: nobody has to add them up."""

    @property
    def level(self) -> Level:
        """The level of the worst consequence."""
        worst = max((impact.level for impact in self.impacts), default=Level.NOTHING)
        return max(worst, Level.ROUTINE) if self.unknown or not all(each.expected for each in self.changes) else worst

    def count(self, action: Action) -> int:
        """How many objects are added, removed, modified or renamed, noise and what is expected apart."""
        return sum(change.action == action and not change.quiet for change in self.changes)


class Review(Struct, frozen=True):
    """What a change does, environment by environment; `base` and `head` say between what."""

    base: str
    head: str
    environments: tuple[EnvironmentReview, ...]
    repository: tuple[Impact, ...] = ()
    """Consequences that belong to no environment, such as a waiver that was added."""
    brought: tuple[Finding, ...] = ()
    removed: tuple[Finding, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """The files that changed, each with `added`, `removed` or `modified`."""
    unread: tuple[str, ...] = ()
    """Those of them that no environment is built from, before or after."""
    others: tuple[str, ...] = ()
    """Environments that nobody asked for: nothing is said about them."""
    order: tuple[str, ...] = ()
    """All environments of both states in the order of promotion, if there is one."""

    @property
    def level(self) -> Level:
        """The level of the worst consequence."""
        return max((*(each.level for each in self.environments), *(impact.level for impact in self.repository)), default=Level.NOTHING)
