"""The images that a Dockerfile is built from, as far as it says itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

NAME = re.compile(r"(^|/)((Docker|Container)file([._-][\w.-]+)?|[\w.-]+\.(docker|container)file)$", re.IGNORECASE)
LONGEST = 4000
"""Characters of a line that is read: no image is called so."""
_DIRECTIVE = re.compile(r"#\s*(?P<name>syntax|escape)\s*=\s*(?P<value>\S+)\s*$", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?(?P<sign>[-+])(?P<other>[^${}]*))?\})")
_MOUNT = re.compile(r"--mount=\S*\bfrom=(?P<image>[^,\s]+)")


class _Stages(Struct):
    """What has been said so far: the arguments before the first stage, and the names of stages."""

    arguments: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    begun: bool = False

    def image(self, text: str) -> str:
        """An image, with what its arguments say by default; "" for a stage, for nothing at all and for what only the build knows."""
        said = _VARIABLE.sub(lambda found: _value(found, self.arguments), text)
        if "$" in said or said.lower() in {"scratch", *self.names} or said.isdigit():
            return ""
        return said


def is_dockerfile(path: str) -> bool:
    """Whether a file is called as Dockerfiles are."""
    return NAME.search(path) is not None and not path.endswith((".dockerignore", ".md", ".sh", ".py", ".jinja", ".j2", ".tmpl"))


def images(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each image that has to be pulled, with the number of its line, from 1: of stages, of what is copied or mounted from, and of the syntax."""
    stages, escape = _Stages(), "\\"
    for number, line in enumerate(lines, 1):
        found = _DIRECTIVE.match(line)
        if found is None:
            break
        if found["name"].lower() == "syntax":
            yield number, found["value"]
        else:
            escape = found["value"]
    for number, instruction in _instructions(lines, escape):
        yield from ((number, image) for image in _named(instruction, stages) if image)


def _named(instruction: str, stages: _Stages) -> Iterator[str]:
    word, *rest = instruction.split()
    flags = [part for part in rest if part.startswith("--")]
    match word.upper():
        case "FROM":
            named = [part for part in rest if not part.startswith("--")]
            stages.begun = True
            yield from [stages.image(named[0])] if named else ()
            if len(named) > 2 and named[1].lower() == "as":
                stages.names.add(named[2].lower())
        case "ARG" if not stages.begun:
            for part in rest:
                name, given, value = part.partition("=")
                if given:
                    stages.arguments[name] = _VARIABLE.sub(lambda found: _value(found, stages.arguments), value.strip("\"'"))
        case "COPY" | "ADD":
            yield from (stages.image(flag.partition("=")[2]) for flag in flags if flag.startswith("--from="))
        case "RUN":
            yield from (stages.image(found["image"]) for found in _MOUNT.finditer(" ".join(flags)))


def _value(found: re.Match[str], arguments: Mapping[str, str]) -> str:
    """What a variable stands for; itself, if that is not known."""
    value = arguments.get(found["plain"] or found["name"], "")
    match found["sign"]:
        case "-":
            return value or str(found["other"])
        case "+":
            return str(found["other"]) if value else ""
    return value or found.group()


def _instructions(lines: Sequence[str], escape: str) -> Iterator[tuple[int, str]]:
    """Each instruction on one line, with the number of its first one; comments, and texts within, left out."""
    waiting, begun, ends = "", 0, ""
    for number, line in enumerate(lines, 1):
        text = line.strip()[:LONGEST]
        if ends:
            ends = "" if text == ends else ends
        elif text and not text.startswith("#"):
            begun = begun or number
            waiting = f"{waiting} {text.removesuffix(escape)}"[:LONGEST]
            if not text.endswith(escape):
                word = waiting.split()[0].upper() if waiting.strip() else ""
                inner = _HEREDOC.search(waiting) if word in ("RUN", "COPY", "ADD") else None
                ends = inner[1] if inner else ""
                if word:
                    yield begun, waiting
                waiting, begun = "", 0
