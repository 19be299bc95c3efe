"""Values that move with each release, where the API server lets nobody change them: its own strategies say what would become of the next update.

What moves are labels that hold a version, checksums of settings, images, the names that kustomize gives to what it generates, and the content of an
immutable object that it generates under a fixed name. In a copy of the object, such a value is another one; what the server refuses then is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, TypeAlias

import orjson
from msgspec import Struct

from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import labels, mapping, text
from gitops_validate.judging.recreated import is_forced
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.placing.patch import Ask
from gitops_validate.placing.routes import Route, get, nodes
from gitops_validate.schemas import identity

What: TypeAlias = Literal["version", "checksum", "name", "image", "content"]
Group: TypeAlias = tuple[RenderedObject, tuple[Route, ...]]
VERSIONED = frozenset({"app.kubernetes.io/version", "helm.sh/chart"})
"""Labels that hold a version, whatever it looks like."""
VERSION = re.compile(r"([a-z0-9-]{1,60}-)?v?[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}([-+_.][A-Za-z0-9+_.-]{0,60})?")
GENERATED = re.compile(r".{1,242}-[2456789bcdfghkmt]{10}")
"""A name with the hash of kustomize."""
LONGEST = 253
"""Characters of a value that is looked at: names and labels are no longer."""
MANY = 20
"""Values of one object that are looked at."""
ONCE = ("kustomize.toolkit.fluxcd.io/ssa", frozenset({"ifnotpresent", "ignore"}))
"""The annotation by which an object is never updated."""


class Moving(Struct, frozen=True):
    """A value that moves, where it stands, and the field that the API server lets nobody change."""

    object: RenderedObject
    route: Route
    what: What
    field: str
    others: int = 0
    """How many values more move there."""

    @property
    def value(self) -> str:
        """The value, as it is now."""
        return str(get(self.object.data, self.route))


def moving(existing: Existing, ask: Ask) -> tuple[list[Moving], list[Incomplete]]:
    """What moves in an environment and must not, and what could not be asked."""
    generated = {each.ref.name for each in existing.objects if each.origin.generator and GENERATED.fullmatch(each.ref.name)}
    things = [pods.object for pods in existing.workloads] + [each for each in existing.objects if each.origin.generator]
    groups = [group for thing in things if not _made_anew(thing, existing.rendered) for group in _groups(thing, generated)]
    try:
        return list(_told(groups, existing.rendered, ask, generated)), []
    except EngineError as fault:
        reason = f"whether the next update is refused could not be found out: {fault}"
        return [], [Incomplete("engine", "moving-immutable-field", reason, environment=existing.rendered.environment.name)]


def _told(groups: Sequence[Group], rendered: Rendered, ask: Ask, generated: set[str]) -> Iterator[Moving]:
    """What is refused. Most objects take an update of all their values, so the first of each shape is asked about all of its own. Raises EngineError."""
    every: dict[int, tuple[RenderedObject, list[Route]]] = {}
    for thing, routes in groups:
        every.setdefault(id(thing), (thing, []))[1].extend(routes)
    shapes = {key: _shape(thing, routes) for key, (thing, routes) in every.items()}
    first = {shape: every[key] for key, shape in reversed(shapes.items())}
    whole = _refused([(thing, tuple(routes)) for thing, routes in first.values()], rendered, ask)
    suspect = {shape for shape, fields in zip(first, whole, strict=True) if fields}
    yield from _suspected([group for group in groups if shapes[id(group[0])] in suspect], rendered, ask, generated)


def _shape(thing: RenderedObject, routes: Sequence[Route]) -> tuple[object, ...]:
    """What objects have in common whose values stand in the same places, whatever their number and their names: what may change in one may in all."""
    places = {tuple(0 if isinstance(step, int) else step for step in route[:-1]) for route in routes}
    return thing.ref.api_version, thing.ref.kind, thing.get("immutable"), frozenset(places)


def _suspected(groups: Sequence[Group], rendered: Rendered, ask: Ask, generated: set[str]) -> Iterator[Moving]:
    """What is refused of each value, and of each place alone, once for each object and field."""
    refused = [(group, fields) for group, fields in zip(groups, _refused(groups, rendered, ask), strict=True) if fields]
    alone: list[Group] = [(thing, (route,)) for (thing, routes), _ in refused for route in routes]
    fields = dict(zip(((id(thing), route) for thing, (route,) in alone), _refused(alone, rendered, ask), strict=True))
    found: dict[tuple[int, str], list[tuple[RenderedObject, Route]]] = defaultdict(list)
    for (thing, routes), whole in refused:
        for route, field in _guilty(routes, whole, [fields[id(thing), route] for route in routes]):
            found[id(thing), field].append((thing, route))
    for (_, field), places in found.items():
        thing, route = places[0]
        what = _what(thing, route, get(thing.data, route), generated)
        if what:
            yield Moving(thing, route, what, field, len(places) - 1)


def _guilty(routes: Sequence[Route], whole: Sequence[str], alone: Sequence[Sequence[str]]) -> Iterator[tuple[Route, str]]:
    """The places that are refused by themselves as they are together, and for which field.

    A selector and the labels that it wants are refused for each other alone; together, only what cannot be changed is.
    """
    told = [(route, field) for route, fields in zip(routes, alone, strict=True) for field in fields if field in whole]
    yield from told or [(next((route for route in routes if ".".join(map(str, route)).startswith(whole[0])), routes[0]), whole[0])]


def _made_anew(thing: RenderedObject, rendered: Rendered) -> bool:
    """Whether an object is not updated: it is deleted before, or left as it is."""
    key, words = ONCE
    known = rendered.reconcilers.get(thing.reconciler)
    if thing.hooks or labels(thing.get("metadata", "annotations")).get(key, "").lower() in words:
        return True
    if thing.ref.kind == "Job" and thing.get("spec", "ttlSecondsAfterFinished") is not None:
        return True
    return known is not None and is_forced(thing, known.reconciler.spec)


def _groups(thing: RenderedObject, generated: set[str]) -> Iterator[Group]:
    """The places of each value that moves, which all move together. What is part of the object's own name is another object then."""
    found: dict[str, list[Route]] = defaultdict(list)
    for route, value in _movable(thing):
        if isinstance(value, str) and _what(thing, route, value, generated) and not _names(thing, value):
            found[value].append(route)
    yield from ((thing, tuple(routes[:MANY])) for routes in list(found.values())[:MANY])


def _movable(thing: RenderedObject) -> Iterator[tuple[Route, Any]]:
    """Where `_what` looks: at the first entry of what was generated, in the spec of everything else."""
    if thing.origin.generator:
        yield from ((("data", key), value) for key, value in islice(mapping(thing.get("data")).items(), 1))
    elif spec := mapping(thing.get("spec")):
        yield from ((("spec", *route), value) for route, value in nodes(spec))


def _names(thing: RenderedObject, value: str) -> bool:
    """Whether a value, or the version in it, is part of the object's name."""
    version = re.search(r"[0-9]+\.[0-9]+\.[0-9]+", value) if len(value) <= 200 else None
    parts = [value, *([version[0], version[0].replace(".", "-")] if version else [])]
    return any(part and part in thing.ref.name for part in parts)


def _what(thing: RenderedObject, route: Route, value: str, generated: set[str]) -> What | None:
    """What moves at a route, None if nothing does."""
    if thing.origin.generator:
        fixed = thing.get("immutable") is True and not GENERATED.fullmatch(thing.ref.name)
        return "content" if fixed and route == ("data", next(iter(mapping(thing.get("data"))), "")) else None
    if route[0] != "spec" or not 0 < len(value) <= LONGEST:
        return None
    above, last = route[-2], str(route[-1])
    if above in ("labels", "matchLabels") and (last in VERSIONED or VERSION.fullmatch(value)):
        return "version"
    if above == "annotations" and last.startswith("checksum/"):
        return "checksum"
    if last == "image" and "containers" in route:
        return "image"
    return "name" if value in generated else None


def _refused(groups: Sequence[Group], rendered: Rendered, ask: Ask) -> list[list[str]]:
    """For each group, the fields that the API server refuses to change once its values are others, none where it takes the update.

    Raises EngineError.
    """
    if not groups:
        return []
    bodies = [body for thing, routes in groups for body in (thing.raw, _moved(thing, routes))]
    args = {"apply": "server-side", "definitions": [], "namespace": "default"}
    (answer,) = ask([Keyed.of(Question("update", args, bodies, rendered.environment.server), identity())])
    if not isinstance(answer, Answer):
        raise answer
    return [[text(cause.get("field")) or "spec" for cause in said.get("causes") or ()] for said in answer.result["verdicts"]]


def _moved(thing: RenderedObject, routes: Sequence[Route]) -> bytes:
    """The object with another value in these places."""
    data = orjson.loads(thing.raw)
    for route in routes:
        *above, last = route
        holder = get(data, tuple(above))
        holder[last] = _other(thing, route, holder[last])
    return orjson.dumps(data)


def _other(thing: RenderedObject, route: Route, value: str) -> str:
    """A value of the same form."""
    if thing.ref.kind == "Secret" and route[:1] == ("data",):
        return "bW92ZWQ=" if value != "bW92ZWQ=" else ""
    return value[:-1] + ("4" if value[-1:] != "4" else "5")
