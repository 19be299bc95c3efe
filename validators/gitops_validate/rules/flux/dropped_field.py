from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import route
from gitops_validate.model.render import Render
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

FIELDS = frozenset(
    {
        *("apiVersion", "bases", "buildMetadata", "commonAnnotations", "commonLabels", "components", "configMapGenerator", "configurations", "crds"),
        *("generatorOptions", "generators", "images", "kind", "labels", "metadata", "namePrefix", "nameSuffix", "namespace", "openapi", "patches"),
        *("patchesJson6902", "patchesStrategicMerge", "replacements", "replicas", "resources", "secretGenerator", "sortOptions", "transformers"),
        *("validators", "vars"),
    }
)
"""Fields of a kustomization that may have been meant."""


@rule(Severity.WARNING)
def dropped_field(render: Render, repo: Repo) -> Problems:
    """A field of a kustomization.yaml that kustomize does not have, where Flux does not mind.

    Flux reads the kustomization at the path of a Kustomization, adds to it and writes it again: what it does not know is dropped without a word, and
    so is all that a misspelt field says. `kustomize build` refuses the same file, as Flux does where another kustomization includes it.

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
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - settings.yaml
    patch: # finding
      - path: settings-patch.yaml
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
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
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - settings.yaml
    patches:
      - path: settings-patch.yaml
    ```

    ```yaml apps/settings-patch.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: debug
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    for found in render.dropped:
        written = repo.files[found.path].manifests if found.path in repo.files else ()
        if written:
            way = route(found.field)
            fix = did_you_mean(str(way[0]), FIELDS) if len(way) == 1 else ""
            yield Problem(written[0].at(*way), f"{render.reconciler.ref} is built without it: {found.message}", fix)
