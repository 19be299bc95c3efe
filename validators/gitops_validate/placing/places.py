"""From routes to lines: each route into a file, or into what was rendered, becomes a place that a person can go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.engine import Answer, Question
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.finding import Spot
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At, Place
from gitops_validate.model.render import InObject, InValues, Likeliest, Rendered, RenderedObject
from gitops_validate.parity.own import word
from gitops_validate.placing.patch import Ask, Texts
from gitops_validate.placing.routes import existing, get
from gitops_validate.placing.templates import in_template, reference
from gitops_validate.placing.written import Author

BATCH = 100
"""Files that one question asks for."""


class Found(Struct, frozen=True):
    """A place, and the documents that a waiver for it may stand on, as path and index."""

    place: Place
    homes: frozenset[tuple[str, int]] = frozenset()
    environment: str = ""
    """Where it was meant, if the rule left that open."""


class Places:
    """Finds places, asking the engine once a file."""

    def __init__(self, repo: Repo, rendered: Mapping[str, Rendered], ask: Ask) -> None:
        self._repo, self._ask = repo, ask
        self._author = Author(repo, rendered, Texts(ask))

    def find(self, spots: Sequence[Spot]) -> list[Found]:
        """The place of each spot, in their order."""
        meant = [self._meant(spot) if isinstance(spot, Likeliest) else spot for spot in spots]
        routes = [self._route(spot) for spot in meant]
        lines = self._locate([at for at in routes if isinstance(at, At)])
        return [
            Found(self._in_template(spot, at) or lines[at], self._homes(spot, at), _environment(spot)) if isinstance(at, At) else Found(at)
            for spot, at in zip(meant, routes, strict=True)
        ]  # fmt: skip

    def _route(self, spot: At | Place | InObject | InValues) -> At | Place:
        if isinstance(spot, InObject | InValues):
            return self._referenced(spot) or self._author.find(spot)
        return spot

    def _referenced(self, spot: InObject | InValues) -> At | None:
        """The values key that a template in the checkout names where it writes the field out, if that has the field's value."""
        if not isinstance(spot, InObject) or spot.key or not spot.object.origin.template or existing(spot.object.data, spot.route) != spot.route:
            return None
        place = self._template(spot)
        if place is None or place.precision != "template":
            return None
        named = reference(_line(self._content(place.path), place.line), spot.route[-1], spot.object.origin.template) if spot.route else ()
        return self._author.held(spot, named) if named else None

    def _in_template(self, spot: Spot, at: At) -> Place | None:
        """The line of a template in the checkout, where the release is all that is known otherwise."""
        place = self._template(spot) if isinstance(spot, InObject) and spot.object.origin.template and at.precision == "object" else None
        return place if place and place.path != at.path else None

    def _template(self, spot: InObject) -> Place | None:
        path = self._author.chart_file(spot.object)
        return in_template(path, self._content(path).decode("utf-8", "replace"), spot.object.ref.kind, spot.route) if path else None

    def _meant(self, among: Likeliest) -> InObject | InValues:
        """The one of several spots that is written in a place of its own, best of all in a file that is called after its environment."""
        found = [self._author.find(spot) for spot in among.spots]
        own = [word(_environment(spot)).search(at.path) is not None for spot, at in zip(among.spots, found, strict=True)]
        return among.spots[min(range(len(found)), key=lambda index: (found.count(found[index]), not own[index], index))]

    def _homes(self, spot: Spot, at: At) -> frozenset[tuple[str, int]]:
        rendered = _object(spot)
        homes = {(at.path, at.document)}
        if rendered and rendered.origin.template:
            rendered = self._author.release(rendered)
        home = self._author.home(rendered) if rendered else None
        return frozenset(homes | {(home[0].path, home[0].document)} if home else homes)

    def _locate(self, routes: Sequence[At]) -> dict[At, Place]:
        """Ask for all routes of a file at once, then for those that go on inside a string."""
        known = {at: self._beginning(at) for at in routes}
        by_path: dict[str, list[At]] = {}
        for at in known:
            if at.path in self._repo.files and at.precision != "file":
                by_path.setdefault(at.path, []).append(at)
        for path, said in self._said(by_path).items():
            known |= {at: _place(path, at, place) for at, place in zip(by_path[path], said, strict=False)}
        return {at: self._inside(at, place) if at.text else place for at, place in known.items()}

    def _said(self, asked: Mapping[str, Sequence[At]]) -> dict[str, Sequence[Mapping[str, Any]]]:
        """The engine's words on the places in files. Many files go into a question: where that brings a worker down, each is asked about alone."""
        paths = list(asked)
        batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
        found: dict[str, Sequence[Mapping[str, Any]]] = {}
        for batch, answer in zip(batches, self._ask([self._question(batch, asked) for batch in batches]), strict=True):
            if isinstance(answer, Answer):
                found |= dict(zip(batch, _places(answer), strict=True))
            elif len(batch) > 1:
                singles = self._ask([self._question([path], asked) for path in batch])
                found |= {path: _places(single)[0] for path, single in zip(batch, singles, strict=True) if isinstance(single, Answer)}
        return found

    def _question(self, paths: Sequence[str], asked: Mapping[str, Sequence[At]]) -> Keyed:
        files = [{"path": path, "places": [{"document": at.document, "pointer": at.pointer} for at in asked[path]]} for path in paths]
        return Keyed.of(Question("locate", {"root": str(self._repo.root), "files": files}), *(self._repo.digests.get(path, "") for path in paths))

    def _beginning(self, at: At) -> Place:
        """What is known without asking: the line where the document begins."""
        manifest = self._repo.at(at.path, at.document) if at.precision != "file" else None
        return Place(at.path, manifest.line, 1, precision="object") if manifest else Place(at.path, precision="file")

    def _inside(self, at: At, outer: Place) -> Place:
        """A place in the text of a block scalar, whose lines stand in the file as they are."""
        manifest, inner = self._repo.at(at.path, at.document), at.text
        text = get(manifest.data, at.route) if manifest and len(existing(manifest.data, at.route)) == len(at.route) else None
        if inner is None or not isinstance(text, str):
            return outer
        file = {"path": "-", "blob": 0, "places": [{"document": inner.document, "pointer": inner.pointer}]}
        (answer,) = self._ask([Keyed.of(Question("locate", {"root": "", "files": [file]}, [text.encode("utf-8", "replace")]))])
        for said in _places(answer)[0] if isinstance(answer, Answer) else ():
            line = outer.line + int(said["line"])
            written, meant = _line(self._content(at.path), line), _line(text.encode("utf-8", "replace"), said["line"])
            if meant.strip() and written.strip() == meant.strip():
                shift = written.index(meant.strip()) - meant.index(meant.strip())
                return replace(outer, line=line, column=said["column"] + shift, end=(said.get("end") or said["column"]) + shift)
        return outer

    def _content(self, path: str) -> bytes:
        """The file, empty if it has gone since it was parsed."""
        try:
            return (self._repo.root / path).read_bytes()
        except OSError:
            return b""


def _object(spot: Spot) -> RenderedObject | None:
    return spot.object if isinstance(spot, InObject) else spot.release if isinstance(spot, InValues) else None


def _environment(spot: Spot) -> str:
    found = _object(spot)
    return found.environment if found else ""


def _places(answer: Answer) -> list[Sequence[Mapping[str, Any]]]:
    """What was said of each file."""
    return [file["places"] or () for file in answer.result["files"]]


def _place(path: str, at: At, said: Mapping[str, Any]) -> Place:
    vague = at.precision == "field" and at.route and not said.get("exact") and said.get("line", 0) <= 1
    return Place(path, said.get("line") or 0, said.get("column") or 0, said.get("end") or 0, "object" if vague else at.precision)


def _line(content: bytes, number: int) -> str:
    lines = content.decode("utf-8", "replace").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
