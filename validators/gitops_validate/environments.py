"""Which environments a checkout has."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from gitops_validate.building.link import KUSTOMIZE
from gitops_validate.config import Config, EnvironmentConfig
from gitops_validate.discover import CONFIG
from gitops_validate.errors import UsageError
from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Manifest, Repo


def environments(repo: Repo, config: Config) -> tuple[Environment, ...]:
    """The environments of a checkout: those of the configuration, else each folder under clusters/, else each path that Flux is bootstrapped with.

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
            entry.kubernetes or config.kubernetes,
            entry.live,
            entry.domain,
        )
        for entry in named
    )


def _entries(repo: Repo) -> list[str]:
    clusters = {"/".join(path.split("/")[:2]) for path in repo.files if path.startswith("clusters/") and path.count("/") > 1}
    return sorted(clusters or _there(repo, filter(None, map(_bootstrapped, repo.manifests))) or _outermost(filter(None, map(_own, repo.manifests))))


def _bootstrapped(manifest: Manifest) -> str:
    """The path that a root Kustomization, a FluxInstance or a release of its chart syncs, "" for any other document."""
    match manifest.data:
        case {"kind": "Kustomization", "metadata": {"name": "flux-system"}, "spec": {"path": str(path), "sourceRef": dict()}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"kind": "FluxInstance", "spec": {"sync": {"path": str(path)}}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"kind": "HelmRelease", "spec": {"values": {"instance": {"sync": {"path": str(path)}}}}}:
            return posixpath.normpath(path.lstrip("/"))
    return ""


def _own(manifest: Manifest) -> str:
    """The path of a Kustomization that reconciles the very file that it stands in: whoever applied that file first bootstrapped Flux by hand."""
    match manifest.data:
        case {"apiVersion": str(version), "kind": "Kustomization", "spec": {"path": str(path), "sourceRef": dict()}} if version.startswith(KUSTOMIZE):
            folder = posixpath.normpath(path.lstrip("/"))
            return folder if f"/{manifest.path}".startswith(f"/{folder}/") and not manifest.path.startswith(".") else ""
    return ""


def _there(repo: Repo, paths: Iterable[str]) -> set[str]:
    """Those of the paths that the checkout has, if it has any: the others are examples."""
    found = set(paths)
    return {path for path in found if any(file.startswith(f"{path}/") for file in repo.files)} or found


def _outermost(paths: Iterable[str]) -> set[str]:
    found = set(paths)
    return {path for path in found if not any(path.startswith(f"{other}/") for other in found)}


def _named(paths: list[str]) -> dict[str, str]:
    """A name for each path: its last step, or where several have the same, the steps that they do not share."""
    last = {path: path.rpartition("/")[2].strip(".") or "root" for path in paths}
    if len(set(last.values())) == len(paths):
        return last
    steps = [path.split("/") for path in paths]
    head = len(posixpath.commonprefix(steps))
    tail = len(posixpath.commonprefix([each[head:][::-1] for each in steps]))
    return {path: "-".join(each[head : len(each) - tail] or each) for path, each in zip(paths, steps, strict=True)}
