"""A refusal that rests on a placeholder, or on what a template does not find here, is none: in the cluster another value stands there."""

from __future__ import annotations

import re

from msgspec.structs import replace

from gitops_validate.model.place import route
from gitops_validate.model.render import Cause, RenderedObject, Verdict
from gitops_validate.placing.routes import strings
from gitops_validate.review.held import PLACEHOLDER

UNKNOWN = "UnknownValue"
"""The reason of a verdict that is none because it depends on such values."""
CERTAIN = frozenset({"FieldValueRequired", "NotFound"})
"""Reasons of refusals that hold whatever the values are."""
FIELD = re.compile(r"unknown field|field not declared in schema")


def settled(verdict: Verdict) -> Verdict:
    """The verdict without the causes that depend on values that are not known; without a verdict where no other is left."""
    thing = verdict.object
    if verdict.verdict != "rejected" or not (thing.encrypted or thing.unknown or thing.origin.asks):
        return verdict
    certain = tuple(cause for cause in verdict.causes if not _is_doubtful(cause, thing))
    if certain or not verdict.causes:
        return replace(verdict, causes=certain)
    fields = ", ".join(dict.fromkeys(cause.field or "its fields" for cause in verdict.causes))
    return replace(
        verdict,
        verdict="no-verdict",
        causes=(Cause("", "", UNKNOWN, f"whether the API server takes its {fields} depends on {_what(thing)}"),),
    )


def _what(thing: RenderedObject) -> str:
    return "what its template finds in the cluster by lookup" if thing.origin.asks else "values that are not known here"


def _is_doubtful(cause: Cause, thing: RenderedObject) -> bool:
    if FIELD.search(cause.message):
        return False
    if thing.origin.asks:
        return True
    if cause.reason in CERTAIN:
        return False
    return any(PLACEHOLDER in text for text in strings(thing.get(*route(cause.pointer))))
