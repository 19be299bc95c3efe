"""What in the texts of an environment is its own, and differs from the others' by its nature: its name and its domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitops_validate.model.environment import Environment

NAME, DOMAIN = "<environment>", "<domain>"


@dataclass(frozen=True)
class Own:
    """Replaces an environment's name and domain by what stands for those of any environment."""

    environment: Environment

    def text(self, text: str) -> str:
        """A text in which they are replaced where they stand for themselves: between dots, dashes, slashes and the like."""
        name, domain = self.environment.name, self.environment.domain
        if domain and domain in text:
            text = self._domain.sub(DOMAIN, text)
        return self._name.sub(NAME, text) if name in text else text

    def value(self, value: Any) -> Any:
        """The same for every text in a value."""
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.value(below) for below in value]
            case dict():
                return {self.text(key): self.value(below) for key, below in value.items()}
        return value

    @cached_property
    def _name(self) -> re.Pattern[str]:
        return word(self.environment.name)

    @cached_property
    def _domain(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![A-Za-z0-9-]){re.escape(self.environment.domain)}(?![A-Za-z0-9-]|\.[A-Za-z0-9])")


def word(name: str) -> re.Pattern[str]:
    """Where a name stands for itself, and is not part of a longer word."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")
