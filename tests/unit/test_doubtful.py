"""A refusal counts as far as it does not rest on values that are not known."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gitops_validate.judging.doubtful import UNKNOWN, settled
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Cause, Origin, RenderedObject, Verdict

ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")
ADDRESS = Cause("spec.ip", "/spec/ip", "FieldValueInvalid", "must be a valid IP address")
UNIQUE = Cause("spec.hosts", "/spec/hosts", "FieldValueInvalid", "must be unique")
NEGATIVE = Cause("spec.replicas", "/spec/replicas", "FieldValueInvalid", "must be greater than or equal to 0")
MISSING = Cause("spec.port", "/spec", "FieldValueRequired", "Required value")
UNDECLARED = Cause("spec.ip", "/spec/ip", "FieldValueInvalid", ".spec.ip: field not declared in schema")
SPEC = {"ip": "encrypted", "hosts": ["a.encrypted", "a.encrypted"], "replicas": -1}


def judged(*causes: Cause, unknown: bool = True, spec: dict[str, Any] = SPEC) -> Verdict:
    thing = RenderedObject(ObjectRef("v1", "Thing", "apps", "own"), orjson.dumps({"spec": spec}), Origin(), ENTRY, "dev", unknown=unknown)
    return settled(Verdict(thing, "rejected", causes))


@pytest.mark.parametrize("cause", [ADDRESS, UNIQUE])
def test_what_a_placeholder_breaks_is_not_known(cause: Cause) -> None:
    found = judged(cause)
    assert (found.verdict, found.causes[0].reason) == ("no-verdict", UNKNOWN)
    assert cause.field in found.causes[0].message


@pytest.mark.parametrize("cause", [NEGATIVE, MISSING, UNDECLARED])
def test_what_no_value_could_mend_is_refused(cause: Cause) -> None:
    assert judged(ADDRESS, cause).causes == (cause,)
    assert judged(ADDRESS, cause).verdict == "rejected"


def test_a_text_that_reads_like_a_placeholder_is_one_only_where_something_is_not_known() -> None:
    assert judged(ADDRESS, unknown=False).causes == (ADDRESS,)
