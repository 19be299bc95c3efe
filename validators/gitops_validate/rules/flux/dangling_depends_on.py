from __future__ import annotations

from gitops_validate.judging.causes import may_exist
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Reconciler, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_depends_on(reconciler: Reconciler, rendered: Rendered, repo: Repo) -> Problems:
    """A dependency on a reconciler that does not exist.

    Flux waits until everything in spec.dependsOn is ready. What does not exist never is, so the reconciler is not applied at all, and neither
    is anything that depends on it. A dependency is of the same kind, and in the same namespace unless it says another.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      dependsOn:
        - name: databases # finding
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    **Prefer**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      dependsOn:
        - name: database
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: database
      namespace: flux-system
    spec:
      interval: 10m
      path: ./database
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    ```yaml database/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: database
      namespace: default
    ```
    """
    for index, needed in enumerate(reconciler.depends_on):
        if needed in rendered.reconcilers or may_exist(needed, rendered, repo):
            continue
        others = [ref for ref in rendered.reconcilers if ref.kind == needed.kind]
        elsewhere = sorted(ref.namespace for ref in others if ref.name == needed.name)
        fix = f"add `namespace: {elsewhere[0]}`" if elsewhere else did_you_mean(needed.name, (ref.name for ref in others))
        yield Problem(reconciler.at("dependsOn", index, "name"), f"{reconciler.ref} waits for {needed}, which nothing declares", fix)
