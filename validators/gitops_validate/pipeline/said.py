"""What GitLab refuses, in words. Values are not quoted but for what is one word of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from gitops_validate.model.place import At, route
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route, dotted

TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "empty",
}
LONGEST = 200
"""Characters of what the checkout names that are told."""
MANY = 12
"""Keys that are worth listing."""


class InvalidPipeline(Struct, frozen=True):
    """Something that GitLab refuses in a pipeline: where, why, and what to do."""

    at: At
    message: str
    fix: str = ""


def missing(at: At, name: str) -> InvalidPipeline:
    """An include that leads nowhere."""
    return InvalidPipeline(at, f"the pipeline includes {name[:LONGEST]}, which is not in this repository", "name a file that is there")


def nowhere(at: At, names: Sequence[str], known: Iterable[str]) -> InvalidPipeline:
    """A reference to what is not there."""
    said = ", ".join(names)[:LONGEST]
    return InvalidPipeline(at, f"!reference names [{said}], which this pipeline does not hold", did_you_mean(names[0], known))


def fault(path: str, said: Mapping[str, Any]) -> InvalidPipeline:
    """What the schema has against a field."""
    steps = route(said["pointer"])
    return InvalidPipeline(At(path, said["document"], steps), *_sentence(steps, said))


def _sentence(steps: Route, said: Mapping[str, Any]) -> tuple[str, str]:
    name, wanted, known = dotted(steps)[:LONGEST] or "the pipeline", said["wanted"] or [], said["known"] or []
    last = str(steps[-1])[:LONGEST] if steps else ""
    match said["keyword"]:
        case "unknown":
            return f"GitLab knows no {last!r} in {dotted(steps[:-1])[:LONGEST] or 'a pipeline'}", did_you_mean(last, known) or _listed(known)
        case "required":
            return f"{name} lacks {' and '.join(wanted)}", f"add {' and '.join(wanted)}"
        case "type":
            return f"{name} must be {_types(wanted)}; it is {_types([said['got']])}", did_you_mean(last, known)
        case "enum":
            return f"{name} must be one of {', '.join(wanted)}", did_you_mean(said["got"], wanted)
        case "pattern":
            return f"{name} is not written as GitLab takes it", f"it has to match {wanted[0]}"
        case "format":
            return f"{name} is no {wanted[0]} that GitLab can read", ""
        case "oneOf":
            return f"{name} says two things of which GitLab takes one", "keep one of them"
    return f"GitLab does not take {name}: {said['message']}", ""


def _types(names: Sequence[str]) -> str:
    return " or ".join(TYPES.get(name, f"a {name}") for name in names)


def _listed(known: Sequence[str]) -> str:
    return f"there are {', '.join(known)}" if 0 < len(known) <= MANY else ""
