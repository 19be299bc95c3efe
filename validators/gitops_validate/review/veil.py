"""What nobody may read in a review: the values of Secrets, wherever else in what is rendered they stand.

Everything that is printed of an object goes through here. A value of a Secret flows: a chart puts it into an argument, a substitution into a
ConfigMap, a values file is where it came from. So each text is searched for the values that the Secrets of either side hold, and a field
whose name says that it is a secret is hidden whoever holds it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from gitops_validate.judging.hide import HIDDEN, LAST_APPLIED, as_shown
from gitops_validate.model.change import ABSENT
from gitops_validate.model.finding import Finding, Incomplete
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route
from gitops_validate.report.secrecy import masked
from gitops_validate.review.held import forms, held, readings

SHORTEST = 4
"""Characters of a value that is searched for. Shorter ones stand everywhere: they are hidden only where they are a Secret's own."""
NUMBER = 6
"""Digits of a number from which it may be one of the values, in what is printed as the cluster would get it."""
NAME = 8
"""Characters of a value from which it may be in a key, there, and from which it is searched for although it flows nowhere."""
_NAMED_VALUE = re.compile(r"\[name=(?P<name>[^\]]*)\]\.value$")
_CODED = re.compile(rf"[A-Za-z0-9+/_-]{{{NAME * 4 // 3},}}={{0,2}}")
"""What may be a text in base64 or in digits."""
_DIGEST = re.compile(r"[0-9A-Fa-f]{32,128}")
"""What may be a digest in digits, whatever stands before it, as in sha256-…"""
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
_OPTION = re.compile(r"-{1,2}[A-Za-z][\w.-]*")
_CHECKSUM = re.compile(r"/.*checksum|checksum.*/", re.IGNORECASE)
"""An annotation that holds a digest of settings, of which only the secret ones may be unknown."""
_SECRET_INSIDE = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")


def brought(objects: Iterable[RenderedObject]) -> Iterator[RenderedObject]:
    """The Secrets whose values can flow: what a chart makes of its values into a Secret has come from elsewhere."""
    return (thing for thing in objects if thing.ref.kind == "Secret" and not thing.origin.template)


class Veil:
    """The values that are hidden, of all Secrets of both sides."""

    def __init__(self, objects: Iterable[RenderedObject], still: Iterable[RenderedObject] = ()) -> None:
        """`still` are further ones, whose values flow nowhere: only long ones of them are searched for, which are no everyday words."""
        held, idle = set(_held(objects)), {value for value in _held(still) if len(value) >= NAME}
        self._every = held | idle
        self._values = {value for value in held if len(value) >= SHORTEST} | idle

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return _any_of(self._values)

    @cached_property
    def _long(self) -> re.Pattern[str] | None:
        return _any_of(value for value in self._values if len(value) >= NAME)

    @cached_property
    def _digests(self) -> frozenset[bytes]:
        """Of each value, however short: whoever guesses a password sees by its digest that it is the one."""
        texts = [value.encode("utf-8", "replace") for value in self._every]
        return frozenset(hashlib.new(name, text, usedforsecurity=False).digest() for text in texts for name in _ALGORITHMS)

    def text(self, text: str) -> str:
        """A text without any of the values, without their digests, and without what is one of them amid others when it is decoded, such as a login."""
        return _CODED.sub(self._decoded, self._pattern.sub(HIDDEN, text) if self._pattern else text) if self._every else text

    def _decoded(self, found: re.Match[str]) -> str:
        coded = [found[0], *_DIGEST.findall(found[0])]
        return HIDDEN if any(self._tells(body) for text in coded for body in readings(text)) else found[0]

    def _tells(self, body: bytes) -> bool:
        """Whether what a text means is one of the values amid others, or the digest of one."""
        return body in self._digests or bool(self._long and self._long.search(body.decode("utf-8", "replace")))

    def finding(self, finding: Finding) -> Finding:
        """A finding without any of the values, which libraries quote in their messages."""
        return replace(finding, message=self.text(finding.message), fix=self.text(finding.fix), field=self.text(finding.field))

    def gap(self, gap: Incomplete) -> Incomplete:
        """What could not be done, without any of the values."""
        return replace(gap, subject=self.text(gap.subject), reason=self.text(gap.reason))

    def value(self, kind: str, route: Route, path: str, value: Any, holder: Any = None) -> Any:
        """A value as it may be printed, that stands at a route of an object of that kind; `path` is the route with the names of items.

        `holder` is the list that it stands in, if it does.
        """
        if value is ABSENT:
            return value
        if _is_secret(kind, route):
            return _blind(value)
        named = _NAMED_VALUE.search(path)
        said = next((option for item, option in _options(holder) if item == value and option), "") if isinstance(holder, list) else ""
        return self._walk(named["name"] if named else said or (str(route[-1]) if route else ""), value)

    def object(self, data: Mapping[str, Any]) -> Any:
        """A whole object as it may be printed: of a Secret the keys alone."""
        return self._walk("", as_shown(data))

    def flowed(self, value: Any) -> Any:
        """A value without what has flowed into it, and otherwise as it is; short numbers are ports and counts before they are secrets."""
        match value:
            case dict():
                return {self._key(str(key)): self.flowed(below) for key, below in value.items()}
            case list():
                return [self.flowed(below) for below in value]
            case str():
                return self.text(value)
            case int() | float() if not isinstance(value, bool) and len(str(value)) >= NUMBER and str(value) in self._values:
                return HIDDEN
        return value

    def _key(self, key: str) -> str:
        """A key without a value that has flowed into it; a short one is a word that keys are made of before it is a secret."""
        return self._long.sub(HIDDEN, key) if self._long else key

    def _walk(self, name: str, value: Any) -> Any:
        """A value that goes by a name, which may say that it is a secret, as may the name beside it."""
        match value:
            case {"name": str(other), "value": str(text), **rest}:
                return {"name": self.text(other), "value": self._walk(other, text), **self._walk("", rest)}
            case dict():
                return {self.text(str(key)): _blind(below) if key == LAST_APPLIED else self._walk(str(key), below) for key, below in value.items()}
            case list():
                return [self._walk(option or name, below) for below, option in _options(value)]
            case str():
                return self._string(name, value)
            case bool() | None:
                return value
        return HIDDEN if str(value) in self._values else value

    def _string(self, name: str, value: str) -> str:
        if _CHECKSUM.search(name):
            return HIDDEN
        lines = value.splitlines()
        if len(lines) < 2:
            return HIDDEN if value and masked([f"{name}: {value}"], 0) != f"{name}: {value}" else self.text(value)
        begin = ["kind: Secret", "data:"] if _SECRET_INSIDE.search(value) else []
        shown = (_masked(begin, lines, number) for number in range(len(lines)))
        return self.text("\n".join(shown) + value[len(value.rstrip("\n")) :])


def _options(items: list[Any]) -> Iterator[tuple[Any, str]]:
    """Each item of a list, and the option that it is the value of, as in `--token x`; "" if it is none's."""
    for before, item in pairwise([None, *items]):
        spoken = isinstance(before, str) and _OPTION.fullmatch(before) and not (isinstance(item, str) and item.startswith("-"))
        yield item, before.lstrip("-") if spoken else ""


def _held(objects: Iterable[RenderedObject]) -> Iterator[str]:
    return (text for thing in objects if thing.ref.kind == "Secret" for value in held(thing) for text in forms(value))


def _any_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the longest of the values wherever it begins. Told apart by their first characters, few of them are looked at in each place."""
    found = sorted(values, key=lambda value: (-len(value), value))
    return re.compile(_branches(found, 2)) if found else None


def _branches(values: Sequence[str], depth: int) -> str:
    if depth == 0:
        return "|".join(map(re.escape, values))
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(value[:1], []).append(value[1:])
    return "|".join(f"{re.escape(first)}(?:{_branches(rest, depth - 1)})" for first, rest in groups.items())


def _masked(begin: list[str], lines: list[str], number: int) -> str:
    """A line of a text, judged by those around it."""
    first = max(0, number - 2)
    return masked([*begin, *lines[first : number + 3]], len(begin) + number - first)


def _is_secret(kind: str, route: Route) -> bool:
    """Whether a route leads to what a Secret holds, or to a copy of a whole object."""
    return (kind == "Secret" and route[:1] in (("data",), ("stringData",))) or route[:3] == ("metadata", "annotations", LAST_APPLIED)


def _blind(value: Any) -> Any:
    """The keys of a value, and nothing else of it."""
    return {str(key): HIDDEN for key in value} if isinstance(value, dict) else HIDDEN
