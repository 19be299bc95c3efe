"""What the answers say: the platform's name and its environments."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets.documents import Document, content, parse
from gitops_validate.config import Engine

ANSWERS = ".copier-answers.yml"
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Platform:
    """The name under which private keys are kept, and the environments in their order."""

    name: str
    environments: tuple[str, ...]
    live: frozenset[str] = frozenset()
    """Those in which everything has to be there."""
    domains: Mapping[str, str] = field(default_factory=dict)

    def told(self, environment: str, text: str) -> str:
        """What the catalogue says of every environment, said of one: its name for `<environment>`, its domain for `<domain>`."""
        return text.replace("<environment>", environment).replace("<domain>", self.domains.get(environment, "<domain>"))

    def choose(self, names: Collection[str]) -> tuple[str, ...]:
        """The environments of these names, all without any. Raises WrongAnswer."""
        for name in names:
            if name not in self.environments:
                near = get_close_matches(name, self.environments, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.environments)}"
                raise WrongAnswer(f"there is no environment {name}; {hint}")
        return tuple(name for name in self.environments if not names or name in names)


def load(root: Path, engine: Engine) -> Platform:
    """Read the answers. Raises Refused, and WrongAnswer where the repository was not generated."""
    text = content(root, ANSWERS)
    if text is None:
        raise WrongAnswer(f"there is no {ANSWERS} in {root}: --repo must be the root of a generated repository")
    answers = parse(ANSWERS, text, engine)
    if not isinstance(answers.data, dict):
        raise Refused(f"{ANSWERS} must be a map from questions to answers")
    listed = answers.data.get("environments")
    if not isinstance(listed, list) or not listed:
        raise answers.refuse("environments must be a list of maps with a name each", "environments")
    names = tuple(_name(answers, _field(entry), "environments", index, "name") for index, entry in enumerate(listed))
    if len(set(names)) < len(names):
        raise answers.refuse("environments must have different names", "environments")
    live = frozenset(name for name, entry in zip(names, listed, strict=True) if entry.get("live") is True)
    domains = {name: str(entry["domain"]) for name, entry in zip(names, listed, strict=True) if entry.get("domain")}
    return Platform(_name(answers, answers.data.get("platform"), "platform"), names, live, domains)


def _field(entry: Any) -> Any:
    return entry.get("name") if isinstance(entry, dict) else None


def _name(answers: Document, value: Any, *route: str | int) -> str:
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise answers.refuse(f"{'.'.join(str(step) for step in route)} must be a name of lower-case letters, digits and dashes", *route)
