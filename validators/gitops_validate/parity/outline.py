"""The outline of an environment: what has to be kept of it so that it can be held against the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson
from msgspec import Struct

from gitops_validate.building.link import HELM
from gitops_validate.config import Config
from gitops_validate.model.manifest import Repo
from gitops_validate.model.outline import Outline, Part, Thing
from gitops_validate.model.render import HelmRelease, Rendered, RenderedObject
from gitops_validate.parity.declared import ALL, KEY, Allowed, Declared, Scope
from gitops_validate.parity.leaves import Leaf, leaves
from gitops_validate.parity.own import Own
from gitops_validate.parity.references import references
from gitops_validate.parity.restarts import without_restarts
from gitops_validate.parity.values import carriers, merged
from gitops_validate.parity.versions import versions
from gitops_validate.placing.patch import Ask, Texts
from gitops_validate.review.names import generated, settled
from gitops_validate.secrets.pending import absent


class Compared(Struct, dict=True):
    """One environment, as its objects are held against those of the others."""

    rendered: Rendered
    texts: Texts

    def __post_init__(self) -> None:
        self.own = Own(self.rendered.environment)
        self.names = generated(self.rendered.objects)
        self.carriers = carriers(self.rendered)
        self._releases = {id(render.reconciler.object): render.reconciler for render in self.rendered.renders}

    @cached_property
    def _named(self) -> re.Pattern[bytes] | None:
        """Where one of the generated names stands."""
        return re.compile("|".join(sorted(map(re.escape, self.names))).encode()) if self.names else None

    def objects(self) -> Iterator[tuple[str, RenderedObject]]:
        """The objects that are compared, each with its name: what Kustomizations apply. What charts make follows from versions and values."""
        for render in self.rendered.renders:
            for thing in render.objects if not isinstance(render.reconciler, HelmRelease) else ():
                if not thing.hooks and thing.ref.kind != "CustomResourceDefinition":
                    yield self.name(thing), thing

    def name(self, thing: RenderedObject) -> str:
        """What an object is called whatever its content: `Kind/namespace/name` without the hash of a generated name."""
        return str(thing.ref._replace(name=self.names.get(thing.ref.name, thing.ref.name)))

    def leaves(self, thing: RenderedObject) -> Iterator[Leaf]:
        """The fields of an object in which environments are compared."""
        carried = {f"{KEY}data{KEY}{key}" for namespace, name, key in self.carriers if (namespace, name) == (thing.ref.namespace, thing.ref.name)}
        yield from ((path, value) for path, value in leaves(thing.ref, self.data(thing)) if path not in carried or thing.ref.kind != "ConfigMap")

    def data(self, thing: RenderedObject) -> Mapping[str, Any]:
        """An object as it is compared: without the hashes of generated names, and a release with its merged values."""
        release, data = self._releases.get(id(thing)), thing.data
        if isinstance(release, HelmRelease) and thing.ref.group == HELM:
            data = {**data, "spec": {**without_restarts(data["spec"]), "values": merged(release, self.rendered, self.texts)}}
        found: Mapping[str, Any] = settled(data, self.names) if self._named and self._named.search(thing.raw) else data
        return found


def outline(repo: Repo, rendered: Rendered, config: Config, ask: Ask) -> Outline:
    """What is kept of an environment."""
    compared = Compared(rendered, Texts(ask))
    declared = Declared(config.differ) if config.differ is not None else None
    return Outline(
        tuple(sorted(_thing(name, thing, compared, declared.of(name)) for name, thing in compared.objects())) if declared else (),
        tuple(sorted({version for version, _ in versions(rendered, compared.own)})),
        tuple(sorted({reference for reference, _ in references(rendered)})),
        tuple(sorted(str(render.reconciler.ref) for render in rendered.renders if render.failure or render.incomplete)),
        tuple(sorted(f"Secret/{each.namespace}/{each.name}" for each in absent(repo, rendered.environment.name))),
    )


def _thing(name: str, thing: RenderedObject, compared: Compared, allowed: Allowed) -> Thing:
    fields: dict[Scope, list[Leaf]] = {}
    for path, value in compared.leaves(thing):
        scope = allowed.scope(path)
        if ALL not in scope:
            fields.setdefault(scope, []).append((path, value))
    parts = sorted(_part(scope, found, compared.own) for scope, found in fields.items())
    return Thing(thing.ref.group, name, compared.own.text(name), str(thing.reconciler), tuple(sorted(allowed.presence)), tuple(parts))


def _part(scope: Scope, found: Iterable[Leaf], own: Own) -> Part:
    raw = list(found)
    neutral = [(own.text(path), own.value(value)) for path, value in raw]
    digest = _digest(neutral)
    return Part(tuple(sorted(scope)), digest, digest if neutral == raw else _digest(raw))


def _digest(found: Iterable[Leaf]) -> str:
    """What identifies fields with their values, whatever their order."""
    lines = sorted(path.encode("utf-8", "replace") + b"\2" + orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for path, value in found)
    return blake2b(b"\3".join(lines), digest_size=12).hexdigest()
