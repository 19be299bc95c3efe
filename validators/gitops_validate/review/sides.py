"""An environment before and after a change, and what can be asked of the two."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from gitops_validate.building import link
from gitops_validate.building.doubt import applied, may_read
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.merged import Kind, Merged
from gitops_validate.model.render import Render, Rendered, RenderedObject
from gitops_validate.placing.routes import existing, get
from gitops_validate.review.names import generated
from gitops_validate.secrets.producers import PRODUCERS, secrets_of

Identity = tuple[str, str, str, str]
"""Group, kind, namespace and name, without the hash of a generated one."""


class Side(Struct, frozen=True, dict=True):
    """One environment at one state of the checkout."""

    repo: Repo
    rendered: Rendered

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The generated names, each with what stands for it."""
        return generated(self.rendered.objects)

    @cached_property
    def objects(self) -> Mapping[Identity, RenderedObject]:
        """What the cluster gets, by identity; of objects that stand twice the last."""
        return {self.identity(thing): thing for thing in self.rendered.objects if not thing.hooks}

    @cached_property
    def reconcilers(self) -> Mapping[ReconcilerRef, Render]:
        """The renders by what they are a render of."""
        return self.rendered.reconcilers

    @cached_property
    def broken(self) -> Mapping[ReconcilerRef, str]:
        """Reconcilers whose objects are not known, or not all of them, each with the reason."""
        return {ref: why for ref, render in self.reconcilers.items() if (why := _why(render))}

    @cached_property
    def made(self) -> Mapping[tuple[str, str], RenderedObject]:
        """What makes Secrets in the cluster, by the namespace and the name of the Secret."""
        makers = (thing for thing in self.objects.values() if thing.ref.kind in PRODUCERS)
        return {secret: thing for thing in makers for secret in secrets_of(thing)}

    @cached_property
    def unevaluated(self) -> Mapping[Identity, RenderedObject]:
        """Objects that others are made of in the cluster, in a way that is not followed here."""
        return {key: thing for key, thing in self.objects.items() if (thing.ref.group, thing.ref.kind) in link.NOT_EVALUATED}

    def given(self, ref: ReconcilerRef) -> Any:
        """What a reconciler is made from, as far as that can be known without building it; None where there is none."""
        render = self.reconcilers.get(ref)
        if render is None:
            return None
        named = [render.source, *link.inputs(render.reconciler)]
        held = [self.rendered.by_kind.get((each.kind, each.namespace, each.name)) for each in named if each]
        return render.reconciler.spec, [each.raw if each else b"" for each in held], self._digests(frozenset(render.doubt))

    def _digests(self, places: Collection[str]) -> Mapping[str, str]:
        return {path: digest for path, digest in self.repo.digests.items() if _is_among(path, places)} if places else {}

    def applied(self, thing: RenderedObject) -> Mapping[str, str]:
        """The files that something that is not evaluated here may apply, with their digests."""
        named = applied(thing)
        files, folders = may_read(self.repo, *named) if named else (set(), set())
        return self._digests(frozenset(files | folders))

    def identity(self, thing: RenderedObject) -> Identity:
        """What an object is paired by."""
        return thing.ref.group, thing.ref.kind, thing.ref.namespace, self.names.get(thing.ref.name, thing.ref.name)

    def chain(self, ref: ReconcilerRef) -> Iterator[ReconcilerRef]:
        """A reconciler, what declares it, what declares that, and so on."""
        seen: set[ReconcilerRef] = set()
        while ref not in seen:
            seen.add(ref)
            yield ref
            render = self.reconcilers.get(ref)
            if render is None or render.reconciler.object is None:
                return
            ref = render.reconciler.object.reconciler

    def written(self, thing: RenderedObject, *route: str) -> Any:
        """What stands at a route of an object in the file that it comes from, such as the ciphertext of a value; None if that is not known."""
        manifest = self.repo.at(thing.origin.path, thing.origin.document) if thing.origin.path else None
        known = manifest is not None and existing(manifest.data, route) == route
        return get(manifest.data, route) if manifest is not None and known else None


class Sides(Struct, frozen=True):
    """An environment before and after."""

    before: Side
    after: Side
    merging: Mapping[Kind, Merged] = field(default_factory=dict)
    """How the API server merges the lists in objects, by kind, as far as something is merged."""

    def merged(self, thing: RenderedObject) -> Merged | None:
        """How the lists in an object are merged."""
        return self.merging.get((thing.ref.api_version, thing.ref.kind))

    def unknown(self, thing: RenderedObject, other: Side, own: Side) -> bool:
        """Whether an object of one side that is not on the other may still be there: what applies it could not be rendered."""
        return any(ref in other.broken for ref in own.chain(thing.reconciler))

    def comparable(self, side: Side) -> Sequence[RenderedObject]:
        """The objects of one side without those of which nobody knows whether the other has them, too."""
        other = self.after if side is self.before else self.before
        return [thing for thing in side.rendered.objects if not self.unknown(thing, other, side)]

    def spec(self, ref: ReconcilerRef) -> Mapping[str, Any]:
        """The spec of a reconciler, as it will be if it stays."""
        for side in (self.after, self.before):
            if ref in side.reconcilers:
                return side.reconcilers[ref].reconciler.spec
        return {}


def _is_among(path: str, places: Collection[str]) -> bool:
    """Whether a file is one of some files, or in one of some folders."""
    return "." in places or path in places or any(above in places for above in _above(path))


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _why(render: Render) -> str:
    if render.failure:
        return render.failure.message
    return "; ".join(gap.reason for gap in render.incomplete)


def objects(sides: Iterable[Side]) -> Iterator[RenderedObject]:
    """Every object of several sides."""
    for side in sides:
        yield from side.rendered.objects
