"""What is wrong with a configuration: the first fault that its schema finds, as a sentence with the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker, ValidationError


@dataclass(frozen=True, slots=True)
class Fault:
    """A JSON Pointer to what is wrong, and one sentence."""

    pointer: str
    message: str


def first_fault(data: Any) -> Fault | None:
    """The outermost fault, of several the one that stands first; None for a sound configuration."""
    errors = sorted(_validator().iter_errors(data), key=lambda error: (len(error.absolute_path), [str(step) for step in error.absolute_path]))
    return _fault(errors[0]) if errors else None


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema."""
    loaded: dict[str, Any] = orjson.loads(files("gitops_schemas").joinpath("config.schema.json").read_bytes())
    return loaded


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=FormatChecker(["date"]))


def _fault(error: ValidationError) -> Fault:
    path: list[str | int] = list(error.absolute_path)
    found: Any = error  # whose attributes are typed as possibly unset, which those of a reported error never are
    part: dict[str, Any] = found.schema
    match found.validator:
        case "additionalProperties":
            known = list(part["properties"])
            unknown = next(key for key in found.instance if key not in known)
            return Fault(_pointer([*path, unknown]), f"unknown key {unknown!r}; {_suggestion(unknown, known)}")
        case "required":
            missing = next(key for key in found.validator_value if key not in found.instance)
            return Fault(_pointer(path), f"{_name(path)} lacks {missing!r}, {_title(part['properties'][missing])}")
        case "anyOf":
            return Fault(_pointer(path), f"{_name(path)} must name an object, a path, or both")
    if "propertyNames" in found.absolute_schema_path:
        return Fault(_pointer([*path, found.instance]), f"the key {found.instance!r} must be {_title(part)}")
    return Fault(_pointer(path), f"{_name(path)} must be {_title(part)}; it is {_shown(error.instance)}{_meant(error)}")


def _suggestion(key: str, known: list[str]) -> str:
    close = get_close_matches(str(key), known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"


def _meant(error: ValidationError) -> str:
    """For a word out of a list."""
    words: Any = error.validator_value
    if error.validator == "enum" and (close := get_close_matches(str(error.instance), words, 1)):
        return f"; did you mean {close[0]!r}?"
    return ""


def _title(part: dict[str, Any]) -> str:
    """What the schema says that this part must be."""
    if "$ref" in part:
        part = schema()["$defs"][part["$ref"].rpartition("/")[2]]
    return str(part.get("title", "something else"))


def _name(path: list[str | int]) -> str:
    """The path as a person says it: `environments.prod.kubernetes`, `waivers[0]`."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return words.lstrip(".") or "the configuration"


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _shown(value: Any) -> str:
    """A value, short; of collections only what they are."""
    match value:
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "empty"
        case bool():
            return str(value).lower()
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}…"
