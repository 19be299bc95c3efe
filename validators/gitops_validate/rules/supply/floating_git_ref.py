from __future__ import annotations

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping, text
from gitops_validate.existing.mirror import own_source
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def floating_git_ref(existing: Existing) -> Problems:
    """Somebody else's repository, followed by its branch.

    Whoever may push to that branch decides what runs in the cluster, at once and without a merge request here. The repository that the environment
    itself is synced from, and others of the same owner on the same host, may follow a branch.

    **Avoid**

    ```yaml clusters/dev/sources.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1m
      url: https://git.acme.example/platform/gitops
      ref:
        branch: main
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: dashboards
      namespace: flux-system
    spec:
      interval: 1h
      url: https://git.example.org/somebody/dashboards
      ref:
        branch: main # finding
    ```

    **Prefer**

    ```yaml clusters/dev/sources.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1m
      url: https://git.acme.example/platform/gitops
      ref:
        branch: main
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: dashboards
      namespace: flux-system
    spec:
      interval: 1h
      url: https://git.example.org/somebody/dashboards
      ref:
        tag: v1.4.2
    ```
    """
    home = _home(existing)
    for source in existing.of("GitRepository", link.SOURCE) if home else ():
        named = mapping(source.get("spec", "ref"))
        url = text(source.get("spec", "url"))
        if url and _owner(url) != home and not any(named.get(field) for field in ("commit", "tag", "semver", "name")):
            at = source.at("spec", "ref", "branch") if named.get("branch") else source.at("spec", "url")
            yield Problem(at, f"{source.ref} follows a branch of {url}", "name a tag or a commit; Renovate proposes the next")


def _home(existing: Existing) -> tuple[str, str] | None:
    """The host and the owner of the repository that the environment is synced from."""
    own = own_source(existing)
    held = existing.any_object(link.SOURCE, own.kind, own.namespace, own.name) if own else None
    synced = (text(each.get("spec", "sync", "url")) for each in existing.of("FluxInstance", link.OPERATOR))
    url = text(held.get("spec", "url")) if held else next(synced, "") if own else ""
    return _owner(url) if url else None


def _owner(url: str) -> tuple[str, str]:
    """Host, and the first part of the path."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    host, _, path = rest.partition("/")
    return host.rpartition("@")[2].partition(":")[0], path.partition("/")[0]
