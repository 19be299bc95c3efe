from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.building.link import KUSTOMIZE, folder
from gitops_validate.config import Config
from gitops_validate.environments import environments
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import InObject, Rendered
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def wrong_sync_path(rendered: Rendered, repo: Repo, config: Config) -> Problems:
    """A cluster that is told to build another folder than its own.

    The Kustomization flux-system, or the sync of a FluxInstance, stands in the folder of its cluster and names that folder: as soon as Flux applies it, the
    cluster builds what it names. If nothing is there, Flux stops; if it is the folder of another environment, the cluster takes on that one, and
    prunes its own.

    **Avoid**

    ```yaml clusters/dev/flux-system/gotk-sync.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1m
      ref:
        branch: main
      url: https://git.example/platform.git
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/development # finding
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    **Prefer**

    ```yaml clusters/dev/flux-system/gotk-sync.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1m
      ref:
        branch: main
      url: https://git.example/platform.git
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/dev
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    own = rendered.environment.path
    for spot, path in _synced(rendered):
        fault = "" if f"/{path}".endswith(f"/{own}") else _fault(path, own, repo, config)
        if fault:
            yield Problem(spot, f"the cluster of {rendered.environment.name} is told to build {path}, which {fault}", f"name ./{own}")


def _fault(path: str, own: str, repo: Repo, config: Config) -> str:
    """What is wrong with another path than the cluster's own, "" if it may be meant."""
    others = {each.path: each.name for each in environments(repo, config) if each.path != own}
    return f"is that of {others[path]}" if path in others else "is not there" if path not in repo.folders else ""


def _synced(rendered: Rendered) -> Iterator[tuple[InObject, str]]:
    """Where the folder of this cluster is named, for a checkout by git: an artifact of a registry may be made of a part of it."""
    for each in rendered.objects:
        match each.data if each.ref.kind in ("Kustomization", "FluxInstance") else None:
            case {"metadata": {"name": "flux-system"}, "spec": {"path": str(path), "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}}:
                if each.ref.group == KUSTOMIZE:
                    yield each.at("spec", "path"), folder({"path": path})
            case {"kind": "FluxInstance", "spec": {"sync": {"kind": "GitRepository", "path": str(path)}}}:
                yield each.at("spec", "sync", "path"), folder({"path": path})
