from __future__ import annotations

from gitops_validate.judging.moving import Moving
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule

WORDS = {
    "version": "{value} in {at} of {ref} moves with each version",
    "checksum": "a checksum in {at} of {ref} moves with each change of what it is of",
    "image": "the image {value} of {ref} moves with each version",
    "name": "{value} in {at} of {ref} moves with each change of what kustomize generates under this name",
    "content": "{ref} is immutable, and generated under the same name whatever is in it",
}


@rule(Severity.WARNING)
def moving_immutable_field(moving: Moving) -> Problems:
    """A value that moves with each release, in a field that nobody may change.

    The first release is applied. The next one is refused by the API server: a selector, a volume claim template, the pods of a Job and the content of an
    immutable ConfigMap stay as they are until somebody deletes the object. Flux tries again and again, and what depends on it waits. Looked for are
    images, labels that hold a version, checksums in annotations, and names with the hash of kustomize; whether a field may change is asked of the API
    server's own code. What is made anew each time is not told: Jobs with `ttlSecondsAfterFinished`, hooks, objects that Flux is told to force or to leave alone, and
    those that have the version in their name.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - web.yaml
      - migrate.yaml
    labels:
      - includeSelectors: true
        pairs:
          app.kubernetes.io/version: 1.4.0 # finding
    configMapGenerator:
      - name: settings
        namespace: default
        literals:
          - LOG_LEVEL=info
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.0
    ```

    ```yaml clusters/dev/migrate.yaml
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: migrate
      namespace: default
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: migrate
              image: registry.example/migrate:1.4.0
              envFrom:
                - configMapRef:
                    name: settings
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - web.yaml
      - migrate.yaml
    labels:
      - includeTemplates: true
        pairs:
          app.kubernetes.io/version: 1.4.0
    configMapGenerator:
      - name: settings
        namespace: default
        literals:
          - LOG_LEVEL=info
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.0
    ```

    ```yaml clusters/dev/migrate.yaml
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: migrate
      namespace: default
      annotations:
        kustomize.toolkit.fluxcd.io/force: enabled
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: migrate
              image: registry.example/migrate:1.4.0
              envFrom:
                - configMapRef:
                    name: settings
    ```
    """
    words = WORDS[moving.what].format(value=moving.value[:100], at=dotted(moving.route), ref=moving.object.ref)
    words += f" ({moving.others} more there, too)" if moving.others else ""
    route = () if moving.what == "content" and moving.object.origin.generator else moving.route
    yield Problem(moving.object.at(*route), f"{words}: the next update is refused, since {moving.field} is immutable", _fix(moving))


def _fix(moving: Moving) -> str:
    """What to do, by where the value stands."""
    if moving.what == "content":
        return "let kustomize hash the name, or drop `immutable`"
    if "matchLabels" in moving.route or "volumeClaimTemplates" in moving.route:
        return "keep labels of versions out of selectors and claims: kustomize's `labels` puts them there only with includeSelectors"
    if moving.object.reconciler.kind == "HelmRelease":
        return "set `upgrade.force` in the release, or make it a hook"
    forced = "annotate it with kustomize.toolkit.fluxcd.io/force: enabled"
    return f"{forced}, or let it expire with ttlSecondsAfterFinished" if moving.object.ref.kind == "Job" else forced
