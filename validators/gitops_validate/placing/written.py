"""Follow what was rendered back to what a person edits.

1. the field in the document that the object comes from
2. the patch that sets it: a file, one inside a kustomization.yaml, or one in the Flux Kustomization's spec; or what gives all objects the same, such
   as a namespace
3. the generator's entry
4. for a Helm release, the values key that carries the value, if only one does; else what the chart writes out, if it lies in the checkout (templates
   are looked through by places.py); else the release
5. the object's document, or only its file
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import InObject, InValues, Origin, Rendered, RenderedObject
from gitops_validate.placing.kustomization import generator_entry, may_target, patches
from gitops_validate.placing.patch import Patch, Texts
from gitops_validate.placing.routes import Route, existing, follow, get
from gitops_validate.placing.transformers import given, transformer
from gitops_validate.placing.values import ReleaseValues

DEPTH = 8
"""Reconcilers that may stand between a field and what a person edits. A chart may declare the release that it is rendered by."""


class Author(Struct, frozen=True):
    """Knows the checkout, what was rendered from it, and how to parse YAML that stands inside YAML."""

    repo: Repo
    rendered: Mapping[str, Rendered]
    texts: Texts

    def find(self, spot: InObject | InValues, depth: int = DEPTH) -> At:
        """The best route into a file for a route into what was rendered."""
        if isinstance(spot, InValues):
            return self._in_values(spot, depth)
        if depth == 0:
            return At(spot.object.origin.path, precision="file")
        route = existing(spot.object.data, spot.route)
        if spot.object.origin.template:
            return self._in_release(spot.object, route, depth, key=spot.key)
        return self._in_files(spot.object, route, depth, lacks=len(route) < len(spot.route), key=spot.key)

    def home(self, rendered: RenderedObject) -> tuple[Manifest, Route] | None:
        """The document that an object comes from, and the route to it if that is a List."""
        file = self.repo.files.get(rendered.origin.path)
        named = self.repo.at(rendered.origin.path, rendered.origin.document)
        same = list(_objects((named,) if named else file.manifests if file else ()))
        likely = max(same, key=lambda each: _likeness(each[2], rendered.ref), default=None)
        if likely is None or (_likeness(likely[2], rendered.ref) == 0 and len(same) > 1):
            return None
        return likely[0], likely[1]

    def release(self, rendered: RenderedObject) -> RenderedObject | None:
        """The HelmRelease that made an object."""
        environment = self.rendered.get(rendered.environment)
        render = environment.reconcilers.get(rendered.reconciler) if environment else None
        return render.reconciler.object if render else None

    def chart_file(self, rendered: RenderedObject) -> str:
        """The file of the checkout that an object of a chart is written in, "" if the chart lies elsewhere."""
        environment = self.rendered.get(rendered.environment)
        render = environment.reconcilers.get(rendered.reconciler) if environment else None
        path = posixpath.normpath(f"{render.folder}/{rendered.origin.template.partition('/')[2]}") if render and render.folder else ""
        return path if path in self.repo.digests else ""

    def held(self, spot: InObject, route: Route) -> At | None:
        """The values key at a route that a field of a chart's object has its value from."""
        release, here = self.release(spot.object), existing(spot.object.data, spot.route)
        return self._values(release, DEPTH).holder_of(route, get(spot.object.data, here)) if release else None

    def _in_files(self, rendered: RenderedObject, route: Route, depth: int, *, lacks: bool = False, key: bool = False) -> At:
        """Where a route is written. What lacks a field is where it begins, and not where a patch adds another one."""
        home, value = None if rendered.origin.generator else self.home(rendered), get(rendered.data, route)
        whole = At("")
        if home:
            manifest, prefix = home
            document = get(manifest.data, prefix)
            steps, complete = follow(route, rendered.data, document)
            whole = manifest.at(*prefix, *steps)
            if complete and (lacks or not route or get(document, steps) == value):
                return whole if route else replace(whole, precision="object")
        else:
            complete = False
        return (
            self._in_patch(rendered, route, value, depth, same=True, key=key)
            or self._given(rendered, route, value, depth)
            or self._in_patch(rendered, route, value, depth, same=False, key=key)
            or (whole if complete else None)
            or generator_entry(self.repo, rendered, route)
            or replace(whole if home else At(rendered.origin.path), precision="object" if home else "file")
        )

    def _in_patch(self, rendered: RenderedObject, route: Route, value: Any, depth: int, *, same: bool, key: bool) -> At | None:
        if not route:
            return None
        for patch in (*self._flux_patches(rendered, depth), *patches(self.repo, rendered, self.texts)):
            found = patch.find(rendered, route, value, same=same, key=key)
            if found:
                return found
        return None

    def _given(self, rendered: RenderedObject, route: Route, value: Any, depth: int) -> At | None:
        """The field that gives all objects of a reconciler, or of a kustomization, the same namespace, label and the like."""
        reconciler = self.release(rendered)
        steps = given(reconciler.get("spec"), rendered, route, value) if reconciler and route else ()
        if reconciler and steps:
            return self.find(InObject(reconciler, ("spec", *steps)), depth - 1)
        return transformer(self.repo, rendered, route, value)

    def _flux_patches(self, rendered: RenderedObject, depth: int) -> Iterator[Patch]:
        kustomization = self.release(rendered)
        entries = kustomization.get("spec", "patches") if kustomization else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            match entry:
                case {"patch": str(text)} if kustomization and may_target(entry, rendered):
                    at = self.find(InObject(kustomization, ("spec", "patches", index, "patch")), depth - 1)
                    yield from (Patch(replace(at, text=At("", number)), data) for number, data in self.texts.parse(text))

    def _in_post_renderer(self, rendered: RenderedObject, route: Route, value: Any, release: RenderedObject, depth: int, *, key: bool) -> At | None:
        """The patch of a release that sets a field of what its chart makes."""
        for here, entry in _post_renderers(release):
            if not may_target(entry, rendered):
                continue
            at = self.find(InObject(release, (*here, "patch")), depth - 1)
            for number, data in self.texts.parse(entry["patch"]):
                if found := Patch(replace(at, text=At("", number)), data).find(rendered, route, value, same=True, key=key):
                    return found
        return None

    def _in_release(self, rendered: RenderedObject, route: Route, depth: int, *, key: bool = False) -> At:
        release = self.release(rendered)
        if release is None:
            return At(rendered.origin.path, precision="file")
        value = get(rendered.data, route)
        carried = (
            self._in_post_renderer(rendered, route, value, release, depth, key=key)
            or self._values(release, depth).key_of(route, value)
            or self._given(rendered, route, value, depth)
        )
        return carried or self._in_chart(rendered, route, depth) or replace(self.find(InObject(release), depth - 1), precision="object")

    def _in_chart(self, rendered: RenderedObject, route: Route, depth: int) -> At | None:
        """A route into a file of a chart that is no template, such as a definition."""
        as_written = replace(rendered, origin=Origin(self.chart_file(rendered)))
        return self._in_files(as_written, route, depth) if self.home(as_written) else None

    def _in_values(self, spot: InValues, depth: int) -> At:
        key = self._values(spot.release, depth).find(spot.route)
        return key or replace(self.find(InObject(spot.release, ("spec", "values")), depth - 1), precision="object")

    def _values(self, release: RenderedObject, depth: int) -> ReleaseValues:
        rendered = self.rendered.get(release.environment) or Rendered(Environment(release.environment, "", ""))
        return ReleaseValues(self.repo, rendered, self.texts, release, lambda spot: self.find(spot, depth - 1))


def _post_renderers(release: RenderedObject) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The patches in text by which a release changes what its chart makes, the last first, each with the route to it."""
    renderers = release.get("spec", "postRenderers")
    for index, renderer in reversed(list(enumerate(renderers if isinstance(renderers, list) else ()))):
        match renderer:
            case {"kustomize": {"patches": list(listed)}}:
                route = ("spec", "postRenderers", index, "kustomize", "patches")
                texts = [(number, entry) for number, entry in enumerate(listed) if isinstance(entry, dict) and isinstance(entry.get("patch"), str)]
                yield from (((*route, number), entry) for number, entry in reversed(texts))


def _objects(manifests: tuple[Manifest, ...]) -> Iterator[tuple[Manifest, Route, Any]]:
    """Documents, and the items of those that are Lists."""
    for manifest in manifests:
        match manifest.data:
            case {"kind": str(kind), "items": list(items)} if kind.endswith("List"):
                yield from ((manifest, ("items", index), item) for index, item in enumerate(items))
            case _:
                yield manifest, (), manifest.data


def _likeness(data: Any, ref: ObjectRef) -> int:
    """How well a document fits an object, whose name may have got a prefix or a suffix since."""
    match data:
        case {"kind": ref.kind, "metadata": {"name": str(name)}}:
            return 1_000_000 if name == ref.name else len(name) if name and name in ref.name else 0
    return 0
