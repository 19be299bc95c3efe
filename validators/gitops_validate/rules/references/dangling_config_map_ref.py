from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling, keyless
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_config_map_ref(existing: Existing) -> Problems:
    """A ConfigMap, or a key of one, that a pod needs and nothing brings.

    The pod does not start: it waits in CreateContainerConfigError or ContainerCreating, and a rollout that waits for it fails. A ConfigMap of
    kustomize's generator has a hash in its name, which kustomize writes only where it knows that a field refers to one.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: api-settings
      namespace: default
    data:
      LOG_LEVEL: info
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      containers:
        - name: api
          image: registry.example/api:1.4.0
          env:
            - name: LOG_LEVEL
              valueFrom:
                configMapKeyRef:
                  name: api-settings
                  key: LOGLEVEL # finding
          envFrom:
            - configMapRef:
                name: api-features # finding
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: api-settings
      namespace: default
    data:
      LOG_LEVEL: info
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      containers:
        - name: api
          image: registry.example/api:1.4.0
          env:
            - name: LOG_LEVEL
              valueFrom:
                configMapKeyRef:
                  name: api-settings
                  key: LOG_LEVEL
          envFrom:
            - configMapRef:
                name: api-features
                optional: true
    ```
    """
    for use in dangling(existing, "ConfigMap"):
        fix = did_you_mean(use.name, existing.near("ConfigMap", use.namespace))
        yield Problem(use.at, f"{use.object.ref} needs {use}, which nothing brings", fix or "declare it, generate it, or mark it as optional")
    for use, hint in keyless(existing, "ConfigMap"):
        yield Problem(use.object.at(*use.key_route), f"{use.object.ref} needs {use.key!r} of {use}, which has no such key", hint)
