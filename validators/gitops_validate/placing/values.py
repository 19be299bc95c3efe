"""Which file or object carries a Helm release's values, and which key a value in its chart's objects comes from."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.building import link
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import HelmRelease, InObject, Rendered, RenderedObject
from gitops_validate.placing.kustomization import generated_from
from gitops_validate.placing.patch import Texts
from gitops_validate.placing.routes import Route, dotted, existing, get, nodes


class Values(Struct, frozen=True):
    """One of the sources that a release's values are merged from, as far as it stands in the repository."""

    data: Any
    at: At

    def find(self, route: Route) -> At:
        """The route to one of its keys."""
        if self.at.text:
            return replace(self.at, text=replace(self.at.text, route=route), precision="values")
        return replace(self.at, route=(*self.at.route, *route), precision="values")


class Below(Values, frozen=True):
    """Values that stand in the file of a chart within another, without the first steps to them."""

    depth: int = 0

    def find(self, route: Route) -> At:
        """The route to one of its keys."""
        return super().find(route[self.depth :])


CHART_VALUES = "values.yaml"


class ReleaseValues(Struct, frozen=True):
    """The values of one release. `written` finds where a field of an object is written."""

    repo: Repo
    rendered: Rendered
    texts: Texts
    release: RenderedObject
    written: Callable[[InObject], At]

    def find(self, route: Route) -> At | None:
        """Where a key of the merged values stands: in the strongest source that has it, the chart itself last."""
        for values in chain(self._sources(), self._defaults(route)) if route else ():
            steps = existing(values.data, route)
            if len(steps) == len(route):
                return values.find(steps)
        return self._targeted(route) or self._target_path(route)

    def holder_of(self, route: Route, value: Any) -> At | None:
        """Where a key of the merged values stands, if it holds a value."""
        targeted = self._targeted(route)
        for values in chain(self._sources(), [] if targeted else self._defaults(route)):
            steps = existing(values.data, route)
            if steps and len(steps) == len(route):
                held = get(values.data, steps)
                return values.find(steps) if type(held) is type(value) and held == value else None
        return targeted

    def key_of(self, route: Route, value: Any) -> At | None:
        """The only key that holds a value; one with the field's own name is believed before others."""
        if not route or isinstance(value, bool) or value in (None, "", [], {}):
            return None
        strongest: dict[Route, At] = {}
        for values in self._sources():
            for steps, node in nodes(values.data):
                if type(node) is type(value) and node == value:
                    strongest.setdefault(steps, values.find(steps))
        named = [at for steps, at in strongest.items() if steps and steps[-1] == route[-1]]
        likely = named if len(named) == 1 else [] if isinstance(value, int | float) else list(strongest.values())
        return likely[0] if len(likely) == 1 else None

    def _targeted(self, route: Route) -> At | None:
        """What is put at a route by itself, from a key of a ConfigMap."""
        for reference in (reference for each in self._declared() for reference in reversed(link.inputs(each))):
            if reference.kind == "ConfigMap" and route and reference.target == dotted(route):
                held = self.rendered.by_kind.get(reference.identity)
                return self.written(InObject(held, ("data", reference.key or "values.yaml"))) if held else None
        return None

    def _target_path(self, route: Route) -> At | None:
        """The path to below a route at which a value is put by itself."""
        for index, reference in ((index, each) for release in self._declared() for index, each in enumerate(link.inputs(release))):
            if reference.target.startswith(f"{dotted(route)}.") and route:
                return self.written(InObject(self.release, ("spec", "valuesFrom", index, "targetPath")))
        return None

    def _declared(self) -> Iterator[HelmRelease]:
        return (reconciler for reconciler in link.reconcilers(self.release) if isinstance(reconciler, HelmRelease))

    def _defaults(self, route: Route) -> Iterator[Values]:
        """The chart's own values, and those of a chart within it that a route leads into, which stand there below its name."""
        folder = next((render.folder for each in self._declared() if (render := self.rendered.reconcilers.get(each.ref)) and render.folder), "")
        for depth in range(len(route) if folder else 0):
            within = "".join(f"charts/{name}/" for name in route[:depth])
            file = self.repo.files.get(posixpath.normpath(f"{folder}/{within}{CHART_VALUES}"))
            for manifest in file.manifests[:1] if file else ():
                data = manifest.data
                for name in reversed(route[:depth]):
                    data = {name: data}
                yield Below(data, manifest.at(), depth)

    def _sources(self) -> Iterator[Values]:
        """What the values are merged from, the strongest first. Secrets are left out."""
        inline = self.release.get("spec", "values")
        if isinstance(inline, dict):
            yield Values(inline, self.written(InObject(self.release, ("spec", "values"))))
        for reference in (reference for each in self._declared() for reference in reversed(link.inputs(each))):
            held = self.rendered.by_kind.get(reference.identity) if reference.kind == "ConfigMap" and not reference.target else None
            if held:
                yield from self._held(held, reference.key or "values.yaml")

    def _held(self, configmap: RenderedObject, key: str) -> Iterator[Values]:
        """What a ConfigMap holds: the file that it was generated from, or the text in it."""
        made = self.rendered.reconcilers.get(configmap.reconciler)
        path = generated_from(self.repo, made.path if made else ".", configmap, key)
        if path in self.repo.files:
            yield from (Values(manifest.data, manifest.at()) for manifest in self.repo.files[path].manifests[:1])
            return
        text = configmap.get("data", key)
        at = self.written(InObject(configmap, ("data", key)))
        for number, data in self.texts.parse(text if isinstance(text, str) else ""):
            yield Values(data, replace(at, text=At("", number)))
