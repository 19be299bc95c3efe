"""What is wrong with a catalogue, in one sentence made of the schema's own titles."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema import Draft202012Validator, ValidationError

KINDS = ("fixed", "generate", "derive", "given", "copy")


def first_fault(data: Any) -> tuple[list[str | int], str] | None:
    """The route to the outermost fault, of several the first, and a sentence; None for a sound catalogue."""
    errors = sorted(_validator().iter_errors(data), key=lambda error: (len(error.absolute_path), [str(step) for step in error.absolute_path]))
    return _fault(errors[0]) if errors else None


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema."""
    loaded: dict[str, Any] = orjson.loads(files("gitops_schemas").joinpath("secret-catalogue.schema.json").read_bytes())
    return loaded


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def _fault(error: ValidationError) -> tuple[list[str | int], str]:
    found: Any = error  # whose attributes are typed as possibly unset, which those of a reported error never are
    route: list[str | int] = list(found.absolute_path)
    match found.validator:
        case "additionalProperties":
            known = list(found.schema["properties"])
            unknown = next(key for key in found.instance if key not in known)
            return [*route, unknown], f"unknown key {unknown!r}; {_meant(str(unknown), known)}"
        case "required":
            missing = next(key for key in found.validator_value if key not in found.instance)
            return route, f"{_name(route)} lacks {missing!r}"
        case "oneOf" if isinstance(found.instance, dict):
            return route, f"{_name(route)} must have exactly one of {', '.join(KINDS)}"
        case "anyOf":
            return route, f"{_name(route)} lacks 'common_name', 'dns' or both"
    if "propertyNames" in found.absolute_schema_path:
        return [*route, found.instance], f"{_name(route)} may have no key {found.instance!r}; there may be {_title(found.schema)}"
    return route, f"{_name(route)} must be {_title(found.schema)}"


def _meant(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"


def _title(part: dict[str, Any]) -> str:
    if "$ref" in part:
        part = schema()["$defs"][part["$ref"].rpartition("/")[2]]
    return str(part.get("title", "something else"))


def _name(route: Sequence[str | int]) -> str:
    """The route as a person says it: `secrets[0].keys.password`."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return words.lstrip(".") or "the catalogue"
