"""Which environments a checkout has."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitops_validate.building.link import KUSTOMIZE
from gitops_validate.config import Config, EnvironmentConfig
from gitops_validate.discover import CONFIG
from gitops_validate.errors import UsageError
from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.placing.kustomization import reach


def environments(repo: Repo, config: Config) -> tuple[Environment, ...]:
    """The environments of a checkout: those of the configuration, else each cluster under clusters/, else each path that Flux is bootstrapped with.

    Raises UsageError when there are none: an empty repository must not pass.
    """
    named = config.environments or tuple(EnvironmentConfig(name, path) for path, name in _named(_entries(repo)).items())
    if not named:
        raise UsageError(
            f"no environment found in {repo.root}: add clusters/<environment>/, or name the entry paths under `environments` in {CONFIG}"
        )
    return tuple(
        Environment(
            entry.name,
            posixpath.normpath(entry.path or f"clusters/{entry.name}"),
            server.version,
            entry.live,
            entry.domain,
            server.feature_gates,
            server.runtime_config,
        )
        for entry in named
        for server in [config.server(entry)]
    )


def _entries(repo: Repo) -> list[str]:
    clusters = {"/".join(path.split("/")[:2]) for path in repo.files if path.startswith("clusters/") and path.count("/") > 1}
    hubs = dict(_hubs(repo))
    return sorted(
        _clusters(repo, clusters - hubs.keys())
        or _there(repo, filter(None, map(_bootstrapped, repo.manifests)))
        or _by_hand(repo)
        or set(hubs.values())
    )


def _clusters(repo: Repo, folders: set[str]) -> set[str]:
    """The entries among the folders under clusters/. A folder that holds nothing but folders that Flux is bootstrapped with is their group, and one
    that a bootstrapped entry or one of its Kustomizations builds from is a base.
    """
    synced = {path for path in map(_synced, repo.manifests) if path}
    entries = {entry for folder in folders for entry in _grouped(repo, folder, synced) or (folder,)}
    read = set(reach(repo, *(entries & synced)))
    built = read | {path for file in read if file in repo.files for path in map(_built, repo.files[file].manifests)}
    return {entry for entry in entries if entry in synced or not any(f"{path}/".startswith(f"{entry}/") for path in built)}


def _built(manifest: Manifest) -> str:
    """The path that a Kustomization builds for the cluster that it is in, "" for any other document."""
    match manifest.data if b'"path"' in manifest.raw else None:
        case {"apiVersion": str(version), "kind": "Kustomization", "spec": {"path": str(path), **spec}} if "kubeConfig" not in spec:
            return posixpath.normpath(path.lstrip("/")) if version.startswith(KUSTOMIZE) else ""
    return ""


def _grouped(repo: Repo, folder: str, synced: set[str]) -> set[str]:
    """The outermost bootstrapped folders in one that is none itself, and has no manifest beside its folders; the configuration of a tool is none."""
    inside = [path for path in repo.files if path.startswith(f"{folder}/")]
    beside = [name for path in inside if "/" not in (name := path[len(folder) + 1 :])]
    if folder in synced or any(not name.startswith(".") for name in beside):
        return set()
    found = {path for path in synced if any(file.startswith(f"{path}/") for file in inside)}
    return {path for path in found if not any(path.startswith(f"{other}/") for other in found)}


def _hubs(repo: Repo) -> Iterator[tuple[str, str]]:
    """The folders under clusters/ that are no entries, as a hub applies what is in them to other clusters, each with the hub's own folder."""
    for manifest in repo.manifests:
        match manifest.data if b'"kubeConfig"' in manifest.raw else None:
            case {"kind": "Kustomization", "spec": {"path": str(path), "kubeConfig": dict()}} if not manifest.path.startswith("clusters/"):
                yield "/".join(posixpath.normpath(path.lstrip("/")).split("/")[:2]), posixpath.dirname(manifest.path)


def _synced(manifest: Manifest) -> str:
    """As _bootstrapped; so is a patch of a root Kustomization, which gives a cluster its own path."""
    if b'"path"' not in manifest.raw or not (b'"flux-system"' in manifest.raw or b'"sync"' in manifest.raw):
        return ""
    match manifest.data:
        case {"apiVersion": str(version), "kind": "Kustomization", "metadata": {"name": "flux-system"}, "spec": {"path": str(path)}}:
            return posixpath.normpath(path.lstrip("/")) if version.startswith(KUSTOMIZE) else ""
    return _bootstrapped(manifest)


def _bootstrapped(manifest: Manifest) -> str:
    """The path that a root Kustomization, a FluxInstance, or a release of its chart or the values of one sync, "" for any other document."""
    match manifest.data:
        case {"kind": "Kustomization", "metadata": {"name": "flux-system"}, "spec": {"path": str(path), "sourceRef": dict()}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"kind": "FluxInstance", "spec": {"sync": {"path": str(path)}}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"kind": "HelmRelease", "spec": {"values": {"instance": {"sync": {"path": str(path)}}}}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"instance": {"sync": {"kind": str(), "path": str(path)}}}:
            return posixpath.normpath(path.lstrip("/"))
    return ""


def _by_hand(repo: Repo) -> set[str]:
    """The paths of Kustomizations that reconcile the very file that they stand in, and their source beside it: somebody has applied them to bootstrap
    Flux.
    """
    folders: defaultdict[str, list[Any]] = defaultdict(list)
    files = [file for file in repo.files.values() if not file.path.startswith(".")]
    for file in files:
        folders[posixpath.dirname(file.path)] += [each.data for each in file.manifests]
    return {path for file in files for path in _own(file, folders[posixpath.dirname(file.path)])}


def _own(file: YamlFile, beside: Sequence[Any]) -> Iterator[str]:
    for data in (each.data for each in file.manifests):
        match data:
            case {
                "apiVersion": str(version),
                "kind": "Kustomization",
                "spec": {"path": str(named), "sourceRef": {"kind": str(kind), "name": str(name)}},
            }:
                folder = posixpath.normpath(named.lstrip("/"))
                if version.startswith(KUSTOMIZE) and file.path.startswith(f"{folder}/") and any(_is_named(each, kind, name) for each in beside):
                    yield folder


def _is_named(data: Any, kind: str, name: str) -> bool:
    match data:
        case {"kind": str(own), "metadata": {"name": str(called)}}:
            return (own, called) == (kind, name)
    return False


def _there(repo: Repo, paths: Iterable[str]) -> set[str]:
    """Those of the paths that the checkout has, if it has any: the others are examples."""
    found = set(paths)
    return {path for path in found if any(file.startswith(f"{path}/") for file in repo.files)} or found


def _named(paths: list[str]) -> dict[str, str]:
    """A name for each path: its last step, or where several have the same, the steps that they do not share. Where Flux itself stands names nothing."""
    shown = [path.removesuffix("/flux-system") for path in paths]
    last = [path.rpartition("/")[2].strip(".") or "root" for path in shown]
    if len(set(last)) == len(paths):
        return dict(zip(paths, last, strict=True))
    steps = [path.split("/") for path in (shown if len(set(shown)) == len(paths) else paths)]
    head = len(posixpath.commonprefix(steps))
    tail = len(posixpath.commonprefix([each[head:][::-1] for each in steps]))
    return {path: "-".join(each[head : len(each) - tail] or each) for path, each in zip(paths, steps, strict=True)}
