"""What a rule found, and what could not be checked."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import At, Place

if TYPE_CHECKING:
    from gitops_validate.model.render import InObject, InValues, Likeliest

Spot: TypeAlias = "At | Place | InObject | InValues | Likeliest"
"""Where a rule points: a route through a document, a place, or routes into what was rendered, which judge follows back to a file."""
BASELINE = "in the baseline"
"""What stands for a reason where a finding is passed over because the baseline has it."""


class Severity(IntEnum):
    """How bad a finding is, in the order in which fail levels compare. An error is what stops a deployment."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in reports and on the command line."""
        return self.name.lower()


class Profile(IntEnum):
    """How much is asked of a repository, in increasing order: what the cluster needs, what most people want, what all of good practice says."""

    MINIMAL = 1
    STANDARD = 2
    STRICT = 3

    @property
    def label(self) -> str:
        """The word used in the configuration and on the command line."""
        return self.name.lower()


class Problem(Struct, frozen=True):
    """What a rule yields: where, one sentence, and what to do about it. What is left empty follows from the place."""

    at: Spot
    message: str
    fix: str = ""
    object: ObjectRef | None = None
    environment: str = ""
    reconciler: str = ""
    field: str = ""
    """The field path as the API server writes it, where there is one."""


class Finding(Struct, frozen=True):
    """A problem with its rule, its place in a file, and a fingerprint that survives moved lines."""

    rule: str
    severity: Severity
    message: str
    place: Place
    fingerprint: str
    fix: str = ""
    environment: str = ""
    reconciler: str = ""
    object: ObjectRef | None = None
    field: str = ""
    waived: str = ""
    """The reason of the waiver that covers it, or `BASELINE`; "" if neither does."""


def order(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by."""
    return finding.place, finding.rule, finding.environment, str(finding.object or ""), finding.field, finding.message, finding.reconciler


class Incomplete(Struct, frozen=True, order=True):
    """Something that could not be checked. It never looks like success: it has its own exit code.

    `what` is a stable word (`no-schema`, `chart`, `engine`, `not-evaluated`, …), `subject` what it is about, such as a kind or a reconciler.
    """

    what: str
    subject: str
    reason: str
    path: str = ""
    environment: str = ""
    accepted: str = ""
    """The reason with which the configuration accepts it, "" if it does not."""


class Pending(Struct, frozen=True, order=True):
    """A secret that waits for a person: declared in the secret catalogue, not yet in the environment."""

    name: str
    environment: str
    path: str
    reason: str = ""
