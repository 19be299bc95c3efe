"""Which files of a checkout some reconciler reads, as far as its kustomizations and reconcilers name them; rather too many than too few."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from gitops_validate.building import link
from gitops_validate.config import Config
from gitops_validate.environments import environments
from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.placing.kustomization import NAMES, is_kustomization, reach, taken_in

FLUX = frozenset({"Kustomization", "FluxInstance"})
TEMPLATED = ("${", "{{", "<<")
"""What a path that somebody fills in has in it."""
ASIDE = frozenset({"docs", "test", "tests", "examples", "charts", "hack"})
"""Folders whose kustomizations are not meant for a cluster."""


class Reading:
    """What is read, from the folders of the environments and from all that Flux's Kustomizations name."""

    def __init__(self, repo: Repo, config: Config) -> None:
        self._repo, self._config = repo, config

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """The environments of the checkout."""
        return environments(self._repo, self._config)

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that may be read."""
        return frozenset(reach(self._repo, *self.roots))

    @cached_property
    def roots(self) -> frozenset[str]:
        """The folders that reconcilers build, and those of the environments."""
        named = {path for paths in self._named.values() for path in paths}
        return frozenset({each.path for each in self.environments} | named)

    @cached_property
    def builds(self) -> tuple[tuple[str, ...], ...]:
        """The folders that are built as one: each environment's, and of each reconciler its path and the components that it adds there."""
        return tuple({*((each.path,) for each in self.environments), *(tuple(named) for named in self._named.values() if named)})

    @cached_property
    def is_whole(self) -> bool:
        """Whether all paths that reconcilers name are known: none is filled in, made by a generator or in a file that cannot be read."""
        made = (manifest.ref for manifest in self._repo.manifests if manifest.ref)
        if any((ref.group, ref.kind) in link.NOT_EVALUATED for ref in made) or any(file.problems for file in self._repo.files.values()):
            return False
        return not any(part in path for paths in self._named.values() for path in paths for part in TEMPLATED)

    @cached_property
    def leads_nowhere(self) -> bool:
        """Whether a reconciler or a kustomization names something that is not there: what it meant instead may well be what nothing seems to read."""
        named = [path for paths in self._named.values() for path in paths]
        for own in filter(is_kustomization, self.files):
            for manifest in self._repo.files[own].manifests if own in self._repo.files else ():
                named += [posixpath.normpath(posixpath.join(posixpath.dirname(own), entry)) for entry in taken_in(manifest.data)]
        return any(path not in self._repo.digests and path not in self._repo.folders for path in named)

    @cached_property
    def unbuilt(self) -> list[str]:
        """The kustomizations that nothing reads, those aside that only such ones include."""
        unread = [path for path in sorted(self._repo.files) if is_kustomization(path) and path not in self.files and _counts(path)]
        included = {other for path in unread for other in reach(self._repo, posixpath.dirname(path) or ".") if other != path}
        return [path for path in unread if path not in included]

    def beside(self, path: str) -> str:
        """The kustomization of a file's folder, "" if it has none that is read."""
        folder = posixpath.dirname(path)
        return next((own for name in NAMES if (own := posixpath.join(folder, name)) in self.files), "")

    def is_mentioned(self, path: str, name: str) -> bool:
        """Whether a file has a name in it, other than the one at a path, or than those in the folder there; in a kustomization it may be another's."""
        wanted, inside = name.encode("utf-8", "replace"), f"{path}/"
        others = (file for other, file in self._repo.files.items() if other != path and not other.startswith(inside))
        naming = (manifest for file in others for manifest in file.manifests if wanted in manifest.raw)
        return any(not is_kustomization(manifest.path) or self._may_lead_to(path, name, manifest) for manifest in naming)

    def _may_lead_to(self, path: str, name: str, kustomization: Manifest) -> bool:
        """Whether a kustomization that has a name in it names what lies at a path, rather than another that is there."""
        leads = [lead for lead in kustomization.leads_to if name in lead]
        return not leads or any(lead == path or not (lead in self._repo.digests or lead in self._repo.folders) for lead in leads)

    @cached_property
    def _named(self) -> dict[Manifest, list[str]]:
        """The paths that each reconciler names."""
        return {manifest: list(paths(manifest)) for manifest in self._repo.manifests if manifest.ref and manifest.ref.kind in FLUX}


def paths(manifest: Manifest) -> Iterator[str]:
    """The folders of the checkout that a reconciler names."""
    match manifest.data:
        case {"kind": "FluxInstance", "spec": {"sync": {"path": str(path)}}}:
            yield link.folder({"path": path})
        case {"apiVersion": str(version), "spec": {"path": str(path), **spec}} if version.startswith(link.KUSTOMIZE):
            yield link.folder({"path": path})
            components = spec.get("components")
            for component in components if isinstance(components, list) else ():
                yield posixpath.normpath(posixpath.join(link.folder({"path": path}), str(component)))


def _counts(path: str) -> bool:
    parts = posixpath.dirname(path).split("/")
    return not any(part in ASIDE or (part.startswith(".") and part != ".") for part in parts)
