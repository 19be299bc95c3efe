"""Patches: whether one sets a field, and where in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.place import At, route
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route, existing, follow, get

Ask = Callable[[Sequence[Keyed]], Sequence[Answer | EngineError]]
"""How the engine is asked: `Asker.ask`, which keeps answers, or a stand-in for it."""


class Texts(Struct, frozen=True):
    """Parses YAML that stands in a string of other YAML."""

    ask: Ask
    _known: dict[str, tuple[tuple[int, Any], ...]] = field(default_factory=dict)

    def parse(self, text: str) -> tuple[tuple[int, Any], ...]:
        """Its documents with their indexes; none if it cannot be read."""
        if text not in self._known:
            self._known[text] = self._parse(text)
        return self._known[text]

    def _parse(self, text: str) -> tuple[tuple[int, Any], ...]:
        answer = self.ask([Keyed.of(Question("parse", {"root": "", "names": ["-"]}, [text.encode("utf-8", "replace")]))])[0]
        if isinstance(answer, EngineError):
            return ()
        return tuple(
            (document["index"], orjson.loads(answer.blobs[document["blob"]]))
            for file in answer.result["files"]
            for document in file.get("documents") or ()
        )


class Patch(Struct, frozen=True):
    """One patch: a strategic merge patch is an object, a JSON patch a list of operations. `at` is where its document is."""

    at: At
    data: Any

    def find(self, rendered: RenderedObject, steps: Route, value: Any, *, same: bool, key: bool = False) -> At | None:
        """Where it sets the field at `steps`: to the same value, or to any if `same` is false; where it names the field if `key` is set."""
        match self.data:
            case list():
                return self._operation(rendered, steps, value, same=same, key=key)
            case dict() if _may_target(self.data, rendered):
                found, complete = follow(steps, rendered.data, self.data)
                if complete and (not same or get(self.data, found) == value):
                    return self._here(found)
        return None

    def _operation(self, rendered: RenderedObject, steps: Route, value: Any, *, same: bool, key: bool) -> At | None:
        for index, operation in enumerate(self.data):
            match operation:
                case {"op": "add" | "replace", "path": str(path), "value": set_to}:
                    rest = _below(route(path), steps)
                    if rest is None or (path.endswith("/-") and not _is_item(get(rendered.data, steps[: len(steps) - len(rest)]), set_to)):
                        continue
                    if len(existing(set_to, rest)) == len(rest) and (not same or get(set_to, rest) == value):
                        return self._here((index, "value", *rest) if rest or not key else (index, "path"))
        return None

    def _here(self, steps: Route) -> At:
        if self.at.text:
            return replace(self.at, text=replace(self.at.text, route=steps), precision="patch")
        return replace(self.at, route=(*self.at.route, *steps), precision="patch")


def _is_item(item: Any, added: Any) -> bool:
    """Whether an item of a list may be the one that is added at its end."""
    return follow((0,), [item], [added])[1]


def _may_target(patch: dict[str, Any], rendered: RenderedObject) -> bool:
    """Whether a patch names the object, whose name may have got a prefix since; one without a name goes where its target says."""
    match patch.get("metadata"):
        case {"name": str(name)} if name not in rendered.ref.name:
            return False
    return patch.get("kind") in (None, rendered.ref.kind)


def _below(outer: Route, steps: Route) -> Route | None:
    """What is left of `steps` behind `outer`, whose last step may be "-", a list's end."""
    if outer and outer[-1] == "-" and len(steps) >= len(outer) and isinstance(steps[len(outer) - 1], int):
        outer = (*outer[:-1], steps[len(outer) - 1])
    same = len(outer) <= len(steps) and all(str(mine) == str(theirs) for mine, theirs in zip(outer, steps, strict=False))
    return steps[len(outer) :] if same else None
