from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.foreign import foreign
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def foreign_environment(fleet: Fleet, repo: Repo) -> Problems:
    """A reference from one environment into another.

    A folder, a host, a bucket or a namespace that belongs to another environment, often left from a copy: what is done to one happens to the other. Told are
    folders named after another environment where the own one has its counterpart, hosts that are served under another one's `domain`, and buckets and
    namespaces of another one's name that both have. Recipients of encrypted files are the concern of `recipients-differ`.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod # finding
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    ```yaml apps/prod/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/dev
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    ```yaml apps/prod/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```
    """
    told = set()
    for name, reference, other, spot in foreign(fleet, repo):
        if (name, reference) not in told:
            told.add((name, reference))
            message = f"{name} has the {reference.kind} {reference.text}, which is that of {other}"
            yield Problem(spot, message, f"name that of {name}", environment=name)
