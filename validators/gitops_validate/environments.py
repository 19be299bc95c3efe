"""Which environments a checkout has."""

from __future__ import annotations

import posixpath

from gitops_validate.config import Config, EnvironmentConfig
from gitops_validate.discover import CONFIG
from gitops_validate.errors import UsageError
from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Manifest, Repo


def environments(repo: Repo, config: Config) -> tuple[Environment, ...]:
    """The environments of a checkout: those of the configuration, else each folder under clusters/, else each path that Flux is bootstrapped with.

    Raises UsageError when there are none: an empty repository must not pass.
    """
    named = config.environments or tuple(EnvironmentConfig(path.rpartition("/")[2] or "root", path) for path in _entries(repo))
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
    return sorted(clusters or {path for manifest in repo.manifests if (path := _bootstrapped(manifest))})


def _bootstrapped(manifest: Manifest) -> str:
    """The path that a root Kustomization or a FluxInstance syncs, "" for any other document."""
    match manifest.data:
        case {"kind": "Kustomization", "metadata": {"name": "flux-system"}, "spec": {"path": str(path), "sourceRef": dict()}}:
            return posixpath.normpath(path.lstrip("/"))
        case {"kind": "FluxInstance", "spec": {"sync": {"path": str(path)}}}:
            return posixpath.normpath(path.lstrip("/"))
    return ""
