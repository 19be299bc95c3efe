"""The values of secrets, in memory: generated, derived, copied, fixed or given."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from gitops_generate.errors import Refused
from gitops_generate.secrets import generators
from gitops_generate.secrets.wanted import FILE, Wanted

Values = dict[str, str]
Lookup = Callable[[str], Mapping[str, str] | None]
"""From a secret's name to its values, or None while it waits for a person."""


class Waiting(Exception):
    """A value depends on a secret that waits for a person; the argument names it."""


@dataclass
class Filling:
    """Fills one secret: with what is known of it, new values for the rest, and other secrets' values by `lookup`."""

    wanted: Wanted
    lookup: Lookup
    known: Values = field(default_factory=dict, repr=False)
    _open: set[str] = field(default_factory=set)

    def all(self) -> Values:
        """The values of all its keys. Raises Waiting, and Refused where the catalogue contradicts itself."""
        return {key: self.value(key) for key in self.wanted.keys}

    def value(self, key: str) -> str:
        """The value of one key."""
        if key not in self.known:
            if key in self._open:
                raise Refused(f"{FILE}: {self.wanted.name}/{key} depends on itself")
            self._open.add(key)
            self.known[key] = self._make(key)
        return self.known[key]

    def _make(self, key: str) -> str:
        if key not in self.wanted.keys:
            raise Refused(f"{FILE}: {self.wanted.name} has no key {key}")
        how = self.wanted.keys[key]
        match how:
            case {"fixed": value}:
                return str(value)
            case {"given": _}:
                raise Waiting(self.wanted.name)
            case {"copy": reference}:
                return self._of(*reference.split("/", 1))
            case {"derive": text}:
                return self._derived(text, how)
            case {"generate": "htpasswd"}:
                return self._htpasswd(how)
        if generators.is_pair(how):
            return self._half(key, how)
        return generators.single(how)

    def _half(self, key: str, how: Mapping[str, Any]) -> str:
        """One half of a pair; the other half becomes known with it, for a pair is made together."""
        halves = {name: other for name, other in self.wanted.keys.items() if generators.is_pair(other) and other["generate"] == how["generate"]}
        public, private = generators.pair(list(halves.values()))
        for name, other in halves.items():
            if name != key:
                self.known[name] = private if other["part"] in {"key", "private"} else public
        return private if how["part"] in {"key", "private"} else public

    def _htpasswd(self, how: Mapping[str, Any]) -> str:
        import bcrypt  # noqa: PLC0415 - few secrets need it

        password = self.value(str(how["password"]))
        return f"{how.get('user', 'admin')}:{bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt()).decode()}"

    def _derived(self, text: str, how: Mapping[str, Any]) -> str:
        escape = _as_json if how.get("json") else str if how.get("raw") else _as_url
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            raise Refused(f"{FILE}: a derived value of {self.wanted.name} has a brace that is neither doubled nor closed") from None
        return "".join(literal + ("" if name is None else escape(self._part(name))) for literal, name, _, _ in parts)

    def _part(self, name: str) -> str:
        other, slash, key = name.partition("/")
        return self._of(other, key) if slash else self.value(name)

    def _of(self, other: str, key: str) -> str:
        values = self.lookup(other)
        if values is None:
            raise Waiting(other)
        if key not in values:
            raise Refused(f"{FILE}: {self.wanted.name} takes {other}/{key}, which is not there")
        return values[key]


def _as_url(value: str) -> str:
    return quote(value, safe="")


def _as_json(value: str) -> str:
    return orjson.dumps(value).decode()[1:-1]


def depends_on(wanted: Wanted) -> set[str]:
    """The names of the secrets that its values are derived or copied from."""
    names = set()
    for how in wanted.keys.values():
        if "copy" in how:
            names.add(str(how["copy"]).split("/")[0])
        elif "derive" in how:
            names |= {name.split("/")[0] for _, name, _, _ in string.Formatter().parse(how["derive"]) if name and "/" in name}
    return names
