from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.grants import is_granted
from gitops_validate.existing.uses import GATEWAY, Use
from gitops_validate.existing.wants import dangling, keyless
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_secret_ref(existing: Existing) -> Problems:
    """A Secret, or a key of one, that a pod or a listener needs and nothing brings.

    The pod does not start: it waits in CreateContainerConfigError or ContainerCreating, and a rollout that waits for it fails. Secrets count as
    brought if the repository holds them, encrypted or not, if its secret catalogue names them, and if an ExternalSecret, a Certificate, a
    database or another custom resource may make them. A repository that brings no Secrets at all leaves them to somebody else. A listener of a Gateway
    whose certificate is missing is not served; one in another namespace has to be permitted by a ReferenceGrant there, and cert-manager makes one for a
    Gateway with its annotation.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: api-database
      namespace: default
    spec:
      secretStoreRef:
        name: vault
      dataFrom:
        - extract:
            key: api
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
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: api-databse # finding
                  key: password
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: api-database
      namespace: default
    spec:
      secretStoreRef:
        name: vault
      dataFrom:
        - extract:
            key: api
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
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: api-database
                  key: password
    ```
    """
    missing = [use for use in dangling(existing, "Secret") if use.vital]
    for use in missing:
        if existing.brings("Secret") or (use.object.ref.group == GATEWAY and existing.brings("Certificate")):
            yield _missing(use, existing)
    for use in existing.uses.get("Secret", ()):
        away = use.namespace != (use.object.ref.namespace or "default")
        if away and use not in missing and not is_granted(existing, use.object, "Secret", use.namespace, use.name):
            message = f"{use.object.ref} takes {use} from another namespace, which no ReferenceGrant there permits"
            yield Problem(use.at, message, f"add a ReferenceGrant to {use.namespace} for {use.object.ref.kind} of {use.object.ref.namespace}")
    for use, hint in keyless(existing, "Secret"):
        yield Problem(use.object.at(*use.key_route), f"{use.object.ref} needs {use.key!r} of {use}, which has no such key", hint)


def _missing(use: Use, existing: Existing) -> Problem:
    fix = did_you_mean(use.name, existing.near("Secret", use.namespace))
    return Problem(use.at, f"{use.object.ref} needs {use}, which nothing brings", fix or "encrypt one, declare what makes it, or mark it as optional")
