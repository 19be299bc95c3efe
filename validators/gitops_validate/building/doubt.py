"""What a reconciler that could not be built may read: rather too much than too little, so that a change of it is not taken for none."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gitops_validate.building import link
from gitops_validate.building.cluster import Cluster
from gitops_validate.building.reading import paths
from gitops_validate.existing.loose import dig, entries, mapping
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.kustomization import reach
from gitops_validate.placing.routes import nodes
from gitops_validate.workloads.pods import items


def may_read(repo: Repo, *named: str) -> tuple[set[str], set[str]]:
    """The files that builds of folders may read, and the folders that they may read anything of.

    The Kustomizations that are written in them would be built, too. A folder that is not there may be called so in an artifact that holds a part of
    the checkout: each whose path ends like that is taken.
    """
    files: set[str] = set()
    folders: set[str] = set()
    waiting = list(named)
    while waiting:
        path = waiting.pop()
        for here in {path} & repo.folders or {each for each in repo.folders if "/" in path and each.endswith(f"/{path}")}:
            if here not in folders:
                folders.add(here)
                found = _reads(repo, here) - files
                files |= found
                waiting += _declared(repo, found)
    return files, folders


def _reads(repo: Repo, folder: str) -> set[str]:
    return {*reach(repo, folder), *repo.below(folder)}


def _declared(repo: Repo, files: Iterable[str]) -> Iterator[str]:
    """The folders of the Kustomizations and Applications in files."""
    for manifest in (manifest for path in files if path in repo.files for manifest in repo.files[path].manifests):
        if manifest.ref and manifest.ref.kind in link.RECONCILERS:
            yield from paths(manifest)
        yield from applied(manifest)


def applied(thing: RenderedObject | Manifest) -> set[str]:
    """The folders that an Application or an ApplicationSet of Argo CD takes its objects from: they may be of this checkout, whatever its URL says."""
    if not thing.ref or thing.ref.group != link.ARGO:
        return set()
    spec = dig(thing.data, "spec")
    named = {*_sources(spec), *_sources(dig(spec, "template", "spec")), *_generated(spec)}
    return {folder for each in named if (folder := _plain(each)) not in ("", ".", "..") and not folder.startswith("../")}


def _sources(spec: Any) -> Iterator[str]:
    """Where the sources of an Application lie, and the files with values beside them."""
    for source in (mapping(dig(spec, "source")), *(entry for _, entry in entries(spec, "sources"))):
        path, files = str(source.get("path") or ""), dig(source, "helm", "valueFiles")
        yield path
        for file in map(str, files if isinstance(files, list) else ()):
            yield posixpath.dirname(file.partition("/")[2] if file.startswith("$") else posixpath.join(path, file))


def _generated(spec: Any) -> Iterator[str]:
    """What the generators of an ApplicationSet look for, however deep they are nested."""
    for _, found in nodes(dig(spec, "generators")):
        for listed in ("directories", "files"):
            yield from (str(entry.get("path") or "") for _, entry in entries(found, "git", listed))


def _plain(path: str) -> str:
    """The folder that is certain of a path in which something is filled in, or that stands for many."""
    certain = re.split(r"[*?\[{]", path, maxsplit=1)[0]
    return posixpath.normpath((certain if certain == path else posixpath.dirname(certain)).lstrip("/"))


def artifact(source: ReconcilerRef, cluster: Cluster) -> set[str]:
    """The folders of the checkout that an ArtifactGenerator copies into an artifact; none if nothing makes the artifact of this checkout."""
    found: set[str] = set()
    for made in cluster.objects.values():
        if made.ref.kind == "ArtifactGenerator" and (made.ref.namespace or "default") == source.namespace:
            spec = made.get("spec")
            found |= set(_copied(spec, source.name, _own(spec, source.namespace, cluster)))
    return found


def _own(spec: Any, namespace: str, cluster: Cluster) -> set[str]:
    """What the sources that are this checkout are called in an ArtifactGenerator."""
    listed = items(spec.get("sources")) if isinstance(spec, dict) else []
    refs = {
        str(each.get("alias")): ReconcilerRef(str(each.get("kind")), str(each.get("namespace") or namespace), str(each.get("name")))
        for each in listed
    }
    return {alias for alias, ref in refs.items() if cluster.is_self(ref)}


def _copied(spec: Any, name: str, own: set[str]) -> Iterator[str]:
    for made in items(spec.get("artifacts")) if isinstance(spec, dict) else ():
        for copy in items(made.get("copy")) if made.get("name") == name else ():
            alias, _, path = str(copy.get("from")).removeprefix("@").partition("/")
            if alias in own:
                plain = path.partition("*")[0]
                yield posixpath.normpath(posixpath.dirname(plain) if plain != path else path)
