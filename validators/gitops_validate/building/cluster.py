"""What is known of one environment while it is being rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from gitops_validate.building import link
from gitops_validate.building.version import is_strict
from gitops_validate.config import Config
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import FluxKustomization, Reconciler, Render, Rendered, RenderedObject
from gitops_validate.review.held import PLACEHOLDER
from gitops_validate.schemas import controllers

FOLLOWED_SOURCES = ("GitRepository", "OCIRepository", "Bucket")
BUILDS = (
    "postBuild",
    "patches",
    "images",
    "components",
    "targetNamespace",
    "namePrefix",
    "nameSuffix",
    "commonMetadata",
    "buildMetadata",
    "ignoreMissingComponents",
)
"""Fields of a Kustomization's spec that change what is built."""


class Cluster:
    """The reconcilers of one environment: those that wait, and the renders of those that are done.

    `has` tells whether there is a folder in the checkout.
    """

    def __init__(self, environment: Environment, config: Config, has: Callable[[str], bool]) -> None:
        self.environment = environment
        self._has = has
        self.waiting: dict[ReconcilerRef, Reconciler] = {}
        self.renders: dict[ReconcilerRef, Render] = {}
        self.objects: dict[tuple[str, str, str], RenderedObject] = {}
        self.gaps: list[Incomplete] = []
        self._strict: bool | None = None
        self._sources: dict[ReconcilerRef, ReconcilerRef | None] = {}
        self._entry: Reconciler = link.entry(environment, *config.self_sources[:1])
        self._rough: Render | None = None
        self._own = {ReconcilerRef(*name.split("/", 2)) for name in config.self_sources}
        self._await(self._entry)

    def turn(self) -> list[Reconciler]:
        """The reconcilers to build next: those whose inputs are all there, or, when there are none, those that no waiting one comes before."""
        ready = [reconciler for reconciler in self.waiting.values() if self._has_inputs(reconciler)]
        first = [reconciler for reconciler in self.waiting.values() if not any(ref in self.waiting for ref in reconciler.depends_on)]
        return ready or first or list(self.waiting.values())

    def take(self, render: Render) -> None:
        """Add a render, and wait for the reconcilers that its objects declare."""
        ref = render.reconciler.ref
        self.waiting.pop(ref, None)
        if ref in self.renders:
            self._forget(ref)
        self.renders[ref] = render
        for rendered in render.objects:
            self.objects.setdefault(_identity(rendered), rendered)
        self._learn(render.objects)
        own = ref == self._entry.ref
        self._find_entry(render)
        if own and self._entry.ref in self.waiting:  # it is built again: only with its own variables and patches it declares what the cluster gets
            self._rough = render
            return
        if own and self._rough and not render.objects and not render.failure:  # its variables are not known: what has none is as it stands
            self._follow(rendered for rendered in self._rough.objects if b"${" not in rendered.raw)
        self._follow(render.objects)

    def _learn(self, objects: Iterable[RenderedObject]) -> None:
        """See whether the environment's Flux is a strict one. What a strict one has failed at is built again by one that is not."""
        said = [strict for rendered in objects if (strict := is_strict(rendered)) is not None] if self._strict is None else []
        if not said:
            return
        self._strict = all(said)
        for render in list(self.renders.values()):
            if self.lenient and render.failure and render.failure.reason == "unset-variable":
                self.again(render.reconciler)

    def _follow(self, objects: Iterable[RenderedObject]) -> None:
        for rendered in objects:
            if (rendered.ref.group, rendered.ref.kind) in link.NOT_EVALUATED:
                self.gaps.append(_not_evaluated(rendered))
            for reconciler in link.reconcilers(rendered):
                if not (rendered.unknown and PLACEHOLDER in link.folder(reconciler.spec)):  # its path is not known
                    self._meet(reconciler)

    def again(self, reconciler: Reconciler) -> None:
        """Build a reconciler once more, because what it depends on has changed."""
        self._await(reconciler)

    @property
    def lenient(self) -> bool:
        """Whether the environment's Flux makes nothing of variables that are not set, as all did before 2.9."""
        return self._strict is False

    def lookup(self, ref: ReconcilerRef) -> RenderedObject | None:
        """A source, a HelmChart or another object by how Flux refers to it."""
        return self.objects.get((ref.kind, ref.namespace, ref.name))

    def is_self(self, ref: ReconcilerRef) -> bool:
        """Whether a source is this checkout: named so, the one that the entry is synced from, or one of the same URL and revision."""
        if ref in self._own_sources():
            return True
        place = _place(self.lookup(ref))
        return bool(place) and any(_place(self.lookup(own)) == place for own in self._own_sources())

    def rendered(self) -> Rendered:
        """What the environment's cluster gets, sorted by reconciler."""
        return Rendered(self.environment, tuple(self.renders[ref] for ref in sorted(self.renders)), gaps=tuple(self.gaps))

    def _await(self, reconciler: Reconciler) -> None:
        self.waiting[reconciler.ref] = reconciler
        self._sources[reconciler.ref] = link.source(reconciler)

    def _own_sources(self) -> set[ReconcilerRef]:
        if self._own:
            return self._own
        if self._entry.object is not None:
            named = link.source(self._entry)
            return {named} if named else set()
        followed = {source for ref, source in self._sources.items() if ref != self._entry.ref}
        built = {source for ref, source in self._sources.items() if ref != self._entry.ref and ref.kind == "Kustomization"}
        others = {ref for ref in built if ref and ref.kind in FOLLOWED_SOURCES and ref.name != self._entry.ref.name}
        synced = {ReconcilerRef(kind, self._entry.ref.namespace, self._entry.ref.name) for kind in FOLLOWED_SOURCES}
        known = followed & synced or any(self.lookup(ref) for ref in synced)
        return others if len(others) == 1 and not known and self._may_be_checkout(*others) else synced

    def _may_be_checkout(self, source: ReconcilerRef) -> bool:
        """Whether a source that is not the entry's may be this checkout: where it is declared, a folder that is built from it is here. The root is everywhere."""
        built = (self.waiting.get(ref) or self.renders[ref].reconciler for ref, named in self._sources.items() if named == source)
        folders = {link.folder(each.spec) for each in built if isinstance(each, FluxKustomization)}
        return self.lookup(source) is None or any(map(self._has, folders - {"."}))

    def _find_entry(self, render: Render) -> None:
        """See whether a render declares the entry itself."""
        if self._entry.object is None:
            reconcilers = (each for rendered in render.objects for each in link.reconcilers(rendered))
            declared = [each for each in reconcilers if isinstance(each, FluxKustomization)]
            found = [each for each in declared if link.folder(each.spec) == self.environment.path] or list(filter(self._leads_elsewhere, declared))
            if found:
                self._entry_declared(found[0])

    def _leads_elsewhere(self, declared: FluxKustomization) -> bool:
        """Whether it is the entry that leads the cluster to another folder. An artifact may be made of a folder of the checkout, or the checkout be one
        of the source.
        """
        folder, source = link.folder(declared.spec), link.source(declared)
        whole = folder == "." and not (source and source.kind == "GitRepository")
        known = not whole and "${" not in folder and PLACEHOLDER not in folder
        return declared.ref == self._entry.ref and known and not f"/{folder}".endswith(f"/{self.environment.path}")

    def _meet(self, reconciler: Reconciler) -> None:
        """A reconciler among the objects; the declaration of the entry is known by now."""
        if reconciler.ref not in self.renders and reconciler.ref not in self.waiting:
            self._await(reconciler)

    def _entry_declared(self, reconciler: Reconciler) -> None:
        render = self.renders.pop(self._entry.ref)
        self._sources.pop(self._entry.ref)
        self._entry = reconciler
        self._sources[reconciler.ref] = link.source(reconciler)
        objects = tuple(replace(rendered, reconciler=reconciler.ref) for rendered in render.objects)
        self.renders[reconciler.ref] = replace(render, reconciler=reconciler, objects=objects)
        self.objects |= {_identity(rendered): rendered for rendered in objects}
        if any(reconciler.spec.get(field) for field in BUILDS) or link.folder(reconciler.spec) != self.environment.path:
            self.again(reconciler)

    def _has_inputs(self, reconciler: Reconciler) -> bool:
        source = link.source(reconciler)
        known = source is None or self.lookup(source) is not None or self.is_self(source)
        return known and all(reference.identity in self.objects for reference in link.inputs(reconciler))

    def _forget(self, ref: ReconcilerRef) -> None:
        for rendered in self.renders[ref].objects:
            if self.objects.get(_identity(rendered)) is rendered:
                del self.objects[_identity(rendered)]


def _identity(rendered: RenderedObject) -> tuple[str, str, str]:
    return rendered.ref.kind, rendered.ref.namespace or "default", rendered.ref.name


def _place(source: RenderedObject | None) -> tuple[str, Any] | None:
    """Where a source takes its files from: another branch or tag of the same repository may hold other ones."""
    spec: Mapping[str, Any] | None = source.data.get("spec") if source else None
    url = str(spec.get("url") or "").removesuffix(".git") if isinstance(spec, dict) else ""
    return (url, spec.get("ref")) if spec and url else None


def _not_evaluated(rendered: RenderedObject) -> Incomplete:
    reason = f"what this {rendered.ref.kind} makes is not rendered"
    return Incomplete("not-evaluated", str(rendered.ref), reason, rendered.origin.path, rendered.environment)


def api_versions(objects: Iterator[RenderedObject]) -> tuple[str, ...]:
    """The group versions, and the kinds in them, that Flux and the definitions among the objects bring: what `.Capabilities.APIVersions` has besides the
    built-in ones.
    """
    found = set(controllers())
    for rendered in objects:
        match rendered.data if rendered.ref.kind == "CustomResourceDefinition" else None:
            case {"spec": {"group": str(group), "names": {"kind": str(kind)}, "versions": list(versions)}}:
                for version in versions:
                    if isinstance(version, dict) and version.get("served") is True:
                        found |= {f"{group}/{version.get('name')}", f"{group}/{version.get('name')}/{kind}"}
    return tuple(sorted(found))
