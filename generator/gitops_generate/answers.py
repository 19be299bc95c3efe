"""Answers: given by a file or on the command line, and refused in one sentence where they cannot be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate.errors import WrongAnswer

FILE = ".copier-answers.yml"
MAXIMUM = 1 << 20  # bytes


def read(file: Path) -> dict[str, Any]:
    """The answers in a YAML file; keys that begin with an underscore are Copier's own. Raises WrongAnswer."""
    try:
        if file.stat().st_size > MAXIMUM:
            raise WrongAnswer(f"{file} is larger than a megabyte: answers are a few lines")
        data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongAnswer(f"there is no {file}") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongAnswer(f"{file} cannot be read: {fault}") from None
    except (MarkedYAMLError, ValueError) as fault:
        mark = getattr(fault, "problem_mark", None)
        raise WrongAnswer(f"{file}{f':{mark.line + 1}' if mark else ''} is not YAML: {getattr(fault, 'problem', None) or fault}") from None
    if not isinstance(data, dict):
        raise WrongAnswer(f"{file} must be a map from questions to answers")
    return {str(key): value for key, value in data.items()}


def own(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Without Copier's own keys."""
    return {key: value for key, value in answers.items() if not key.startswith("_")}


def from_pairs(pairs: Iterable[str]) -> dict[str, Any]:
    """Answers from key=value, where a value is YAML: `-d components=[mlflow]`. Raises WrongAnswer."""
    given: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise WrongAnswer(f"{pair}: write it as question=answer, such as company=Acme")
        given[key] = _parsed(key, value)
    return given


def _parsed(key: str, value: str) -> Any:
    text = {"$ref": "#/$defs/text"}
    if _schema()["properties"].get(key, text) == text:
        return value
    try:
        return YAML(typ="safe", pure=True).load(value)
    except (MarkedYAMLError, ValueError):
        raise WrongAnswer(f"{key}={value}: the answer is not YAML; quote lists and maps, such as 'components=[mlflow]'") from None


def check(answers: Mapping[str, Any]) -> None:
    """Raises WrongAnswer for the first answer that has no question, or is not of its kind."""
    validator = jsonschema.Draft202012Validator(_schema())
    for fault in sorted(validator.iter_errors(dict(answers)), key=lambda fault: [str(step) for step in fault.absolute_path]):
        raise WrongAnswer(_sentence(fault, answers))


def refuse_pointless(given: Iterable[str], final: Mapping[str, Any]) -> None:
    """Raises WrongAnswer for the first answer to a question that the final answers leave unasked."""
    for key in given:
        if key not in final:
            raise WrongAnswer(f"{key} is asked only where the other answers call for it: answer those too, in the same command")


def _sentence(fault: jsonschema.ValidationError, answers: Mapping[str, Any]) -> str:
    schema: Any = fault.schema
    instance: Any = fault.instance
    if fault.validator == "additionalProperties":
        known = sorted(schema["properties"])
        extra = next(str(key) for key in instance if key not in known)
        place = _place(fault, answers)
        return f"{place + ': ' if place else ''}there is no question {extra}; there are {', '.join(known)}"
    title = schema.get("title")
    return f"{_place(fault, answers)} must be {title}" if title else f"{_place(fault, answers)}: {fault.message[:200]}"


def _place(fault: jsonschema.ValidationError, answers: Mapping[str, Any]) -> str:
    """`environments: prod: size` rather than `environments.2.size`."""
    words: list[str] = []
    value: Any = answers
    for step in fault.absolute_path:
        value = value[step]
        name = value.get("name") if isinstance(value, dict) else None
        words.append(str(name) if isinstance(step, int) and isinstance(name, str) else f"number {step + 1}" if isinstance(step, int) else str(step))
    return ": ".join(words)


@cache
def _schema() -> dict[str, Any]:
    text = files("gitops_schemas").joinpath("answers.schema.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(text)
    return schema
