"""What in the texts of an environment is its own, and differs from the others' by its nature: its name and its domain."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Any

from msgspec import Struct

from gitops_validate.model.environment import Environment

NAME, DOMAIN = "<environment>", "<domain>"


class Own(Struct, frozen=True, dict=True):
    """Knows an environment's name and domain where they stand for themselves: between dots, dashes, slashes and the like."""

    environment: Environment

    def text(self, text: str) -> str:
        """A text with what stands for the name and the domain of any environment in their place."""
        return self._found.sub(lambda found: DOMAIN if found["domain"] else NAME, text) if self._may_be_in(text) else text

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

    def same(self, mine: Any, theirs: Any, other: Own) -> bool:
        """Whether a value of this environment is that of another one, but for what is each one's own."""
        match mine, theirs:
            case str(), str():
                return mine == theirs or (self._may_be_in(mine) and self._pattern(mine, other).fullmatch(theirs) is not None)
            case list(), list():
                return len(mine) == len(theirs) and all(self.same(one, two, other) for one, two in zip(mine, theirs, strict=True))
            case dict(), dict():
                return mine.keys() == theirs.keys() and all(self.same(mine[key], theirs[key], other) for key in mine)
        return type(mine) is type(theirs) and bool(mine == theirs)

    def _pattern(self, text: str, other: Own) -> re.Pattern[str]:
        """What a text is in another environment: each name in it may be meant, or a word that is only spelled like it."""
        parts, end = [], 0
        for found in self._found.finditer(text):
            parts += [re.escape(text[end : found.start()]), self._choice(found.group(), other.environment)]
            end = found.end()
        return re.compile("".join([*parts, re.escape(text[end:])]))

    def _choice(self, found: str, other: Environment) -> str:
        theirs = {found, word(self.environment.name).sub(lambda _: other.name, found)}
        if found == self.environment.domain and other.domain:
            theirs.add(other.domain)
        return f"(?:{'|'.join(sorted(map(re.escape, theirs)))})"

    def _may_be_in(self, text: str) -> bool:
        return self.environment.name in text or bool(self.environment.domain and self.environment.domain in text)

    @cached_property
    def _found(self) -> re.Pattern[str]:
        name, domain = word(self.environment.name).pattern, re.escape(self.environment.domain)
        return re.compile(rf"(?P<domain>(?<![A-Za-z0-9-]){domain}(?![A-Za-z0-9-]|\.[A-Za-z0-9]))|{name}" if domain else rf"(?P<domain>(?!)x)|{name}")


@cache
def word(name: str) -> re.Pattern[str]:
    """Where a name stands for itself, and is not part of a longer word."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")
