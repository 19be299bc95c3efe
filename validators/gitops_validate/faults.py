"""What is wrong with a file that has a published schema: each fault that the schema finds, as a sentence with the place."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from msgspec import Struct

from gitops_validate.model.place import pointer


class Fault(Struct, frozen=True):
    """A JSON Pointer to what is wrong, and one sentence."""

    pointer: str
    message: str


class Form(Struct, frozen=True):
    """A published schema, what sentences call the whole of what it describes, and whether they may quote its values."""

    schema: str
    whole: str
    quotes: bool = True


CONFIG = Form("config.schema.json", "the configuration")
BASELINE = Form("baseline.schema.json", "the baseline")
REVIEW = Form("review.schema.json", "the review", quotes=False)
SECRETS = Form("secret-catalogue.schema.json", "the catalogue", quotes=False)
MANY = 100
"""Faults that are looked for."""


def faults(data: Any, form: Form) -> list[Fault]:
    """The faults, outermost first, of several the one that stands first; none for what is sound."""
    errors = islice(_validator(form).iter_errors(data), MANY)
    ordered = sorted(errors, key=lambda error: (len(error.absolute_path), [str(step) for step in error.absolute_path]))
    return [_Sentences(form).fault(error) for error in ordered]


@cache
def schema(form: Form) -> dict[str, Any]:
    """The published JSON Schema."""
    loaded: dict[str, Any] = orjson.loads(files("gitops_schemas").joinpath(form.schema).read_bytes())
    return loaded


@cache
def _validator(form: Form) -> Draft202012Validator:
    return Draft202012Validator(schema(form), format_checker=FormatChecker(["date"]))


class _Sentences(Struct, frozen=True):
    """Faults in words, for one form."""

    form: Form

    def fault(self, error: ValidationError) -> Fault:
        path: list[str | int] = list(error.absolute_path)
        found: Any = error  # whose attributes are typed as possibly unset, which those of a reported error never are
        part: dict[str, Any] = found.schema
        match found.validator:
            case "additionalProperties":
                known = list(part["properties"])
                unknown = next(key for key in found.instance if key not in known)
                return Fault(pointer([*path, unknown]), f"unknown key {unknown!r}; {_suggestion(unknown, known)}")
            case "required":
                missing = next(key for key in found.validator_value if key not in found.instance)
                return Fault(pointer(path), f"{self._name(path)} lacks {missing!r}, {self._title(part['properties'][missing])}")
            case "anyOf":
                choices = [repr(branch["required"][0]) for branch in found.validator_value]
                return Fault(pointer(path), f"{self._name(path)} lacks {' or '.join(choices)}, or both")
            case "oneOf" if isinstance(found.instance, dict):
                choices = [branch["required"][0] for branch in found.validator_value]
                return Fault(pointer(path), f"{self._name(path)} must have one of {', '.join(choices)}, and only one")
        if "propertyNames" in found.absolute_schema_path and found.validator == "enum":
            return Fault(pointer([*path, found.instance]), f"{self._name(path)} may have no key {found.instance!r}; there may be {self._title(part)}")
        if "propertyNames" in found.absolute_schema_path:
            return Fault(pointer([*path, found.instance]), f"the key {found.instance!r} must be {self._title(part)}")
        quotes = self.form.quotes or found.validator in ("minimum", "maximum")
        shown = _shown(error.instance) if quotes else _kind(error.instance)
        return Fault(pointer(path), f"{self._name(path)} must be {self._title(part)}; it is {shown}{_meant(error)}")

    def _title(self, part: dict[str, Any]) -> str:
        """What the schema says that this part must be."""
        if "$ref" in part:
            part = schema(self.form)["$defs"][part["$ref"].rpartition("/")[2]]
        return str(part.get("title", "something else"))

    def _name(self, path: list[str | int]) -> str:
        """The path as a person says it: `environments.prod.kubernetes`, `waivers[0]`."""
        words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        return words.lstrip(".") or self.form.whole


def _suggestion(key: str, known: list[str]) -> str:
    close = get_close_matches(str(key), known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"


def _meant(error: ValidationError) -> str:
    """For a word out of a list."""
    words: Any = error.validator_value
    if error.validator == "enum" and (close := get_close_matches(str(error.instance), map(str, words), 1)):
        return f"; did you mean {close[0]!r}?"
    return ""


def _shown(value: Any) -> str:
    """A value, short; of collections only what they are."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            text = repr(value)
            return text if len(text) < 60 else f"{text[:57]}…"
    return _kind(value)


def _kind(value: Any) -> str:
    """What a value is, and never the value."""
    match value:
        case dict() | list() if not value:
            return "empty"
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
    return "a text"
