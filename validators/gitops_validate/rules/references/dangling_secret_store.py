from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_secret_store(existing: Existing) -> Problems:
    """An ExternalSecret of a SecretStore that does not exist.

    The Secret is never made: pods that read it do not start. A SecretStore is looked for in the namespace of the ExternalSecret, a ClusterSecretStore
    in none. A repository that brings none of that kind leaves them to somebody else.

    **Avoid**

    ```yaml clusters/dev/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: vault
    spec:
      provider:
        vault:
          server: https://vault.example.com
          auth:
            kubernetes:
              mountPath: kubernetes
              role: external-secrets
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: default
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: valt # finding
      data:
        - secretKey: password
          remoteRef:
            key: database
            property: password
    ```

    **Prefer**

    ```yaml clusters/dev/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: vault
    spec:
      provider:
        vault:
          server: https://vault.example.com
          auth:
            kubernetes:
              mountPath: kubernetes
              role: external-secrets
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: default
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      data:
        - secretKey: password
          remoteRef:
            key: database
            property: password
    ```
    """
    for kind in ("SecretStore", "ClusterSecretStore"):
        for use in dangling(existing, kind) if existing.brings(kind) else ():
            near = did_you_mean(use.name, existing.near(kind, "" if kind == "ClusterSecretStore" else use.namespace))
            yield Problem(
                use.at, f"{use.object.ref} is fetched from the {kind} {use.name}, which nothing brings", near or "declare it, or name one that exists"
            )
