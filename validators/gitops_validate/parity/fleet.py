"""All environments of a checkout side by side: what rules that compare them are asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import combinations

from msgspec import Struct, field

from gitops_validate.model.environment import Environment
from gitops_validate.model.outline import Outline, Thing
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.parity.declared import ALL
from gitops_validate.parity.outline import Compared
from gitops_validate.parity.own import Own
from gitops_validate.placing.patch import Ask, Texts

Key = tuple[str, str]
"""What an object is called in every environment that has it: its group and its name."""


class Fleet(Struct, dict=True):
    """The environments that were looked at, in the order of promotion if `ordered`.

    `render` gives what an environment's cluster gets, once more where its outcome had been kept: only what differs is worth that.
    """

    environments: tuple[Environment, ...]
    outlines: Mapping[str, Outline]
    render: Callable[[Environment], Rendered]
    ask: Ask
    ordered: bool = False
    rendered: dict[str, Rendered] = field(default_factory=dict)
    """The environments that are rendered already."""

    @cached_property
    def things(self) -> Mapping[Key, Mapping[str, Thing]]:
        """Every object by environment. Two of one name are the same, and so are two that differ in nothing but their environments' names."""
        held = {environment.name: self.outlines[environment.name].things for environment in self.environments}
        same = Counter(key for things in held.values() for key in {(thing.group, thing.ref) for thing in things})
        found: dict[Key, dict[str, Thing]] = {}
        for name, things in held.items():
            for thing in things:
                raw = (thing.group, thing.ref)
                found.setdefault(raw if same[raw] > 1 else (thing.group, thing.own), {})[name] = thing
        return dict(sorted(found.items()))

    def unlike(self) -> Iterator[tuple[Key, Mapping[str, Thing]]]:
        """The objects that several environments have, and whose fields may differ in more than is declared."""
        for key, things in self.things.items():
            if len({tuple((part.scope, part.digest) for part in thing.parts) for thing in things.values()}) == 1:
                continue
            if any(not _alike(one, other, (mine, theirs)) for (one, mine), (other, theirs) in combinations(things.items(), 2)):
                yield key, things

    def look(self, name: str) -> Rendered:
        """What the cluster of an environment gets."""
        if name not in self.rendered:
            self.rendered[name] = self.render(next(each for each in self.environments if each.name == name))
        return self.rendered[name]

    def compared(self, name: str) -> Compared:
        """An environment whose objects are compared field by field."""
        if name not in self._compared:
            self._compared[name] = Compared(self.look(name), Texts(self.ask))
        return self._compared[name]

    def object(self, name: str, thing: Thing) -> RenderedObject | None:
        """An object of an environment."""
        if name not in self._objects:
            self._objects[name] = {(found.ref.group, ref): found for ref, found in self.compared(name).objects()}
        return self._objects[name].get((thing.group, thing.ref))

    def unknown(self, name: str, thing: Thing, home: str) -> bool:
        """Whether an environment may have what it seems to lack and `home` has: what applies it could not be rendered there, or it waits."""
        outline, own = self.outlines[name], Own(self._named[name])
        lacking = {*outline.unknown, *map(own.text, outline.unknown)}
        return thing.ref in outline.waiting or any({ref, self._owns[home].text(ref)} & lacking for ref in self.chain(home, thing))

    def chain(self, name: str, thing: Thing) -> list[str]:
        """What applies an object, what applies that, and so on."""
        found: list[str] = []
        while thing.reconciler not in found:
            found.append(thing.reconciler)
            thing = self._by_ref[name].get(thing.reconciler, thing)
        return found

    @cached_property
    def _named(self) -> Mapping[str, Environment]:
        return {each.name: each for each in self.environments}

    @cached_property
    def _owns(self) -> Mapping[str, Own]:
        return {each.name: Own(each) for each in self.environments}

    @cached_property
    def _by_ref(self) -> Mapping[str, Mapping[str, Thing]]:
        return {name: {thing.ref: thing for thing in outline.things} for name, outline in self.outlines.items()}

    @cached_property
    def _compared(self) -> dict[str, Compared]:
        return {}

    @cached_property
    def _objects(self) -> dict[str, dict[Key, RenderedObject]]:
        return {}


def _alike(one: str, other: str, things: tuple[Thing, Thing]) -> bool:
    """Whether two environments agree in each part of an object in which they have to."""
    mine, theirs = ({part.scope: part for part in thing.parts if not {ALL, one, other} & {*part.scope}} for thing in things)
    return mine.keys() == theirs.keys() and all(part.digest == theirs[scope].digest or part.raw == theirs[scope].raw for scope, part in mine.items())
