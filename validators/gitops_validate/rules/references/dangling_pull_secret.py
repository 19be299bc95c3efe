from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def dangling_pull_secret(existing: Existing) -> Problems:
    """Credentials of a registry, or a certificate of an Ingress, that nothing brings.

    Neither keeps a pod from being created, and both go unnoticed for a while: an image that the node has not cached cannot be pulled without the
    Secret in imagePullSecrets, and an Ingress without the Secret in spec.tls answers with the controller's self-signed certificate.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: registry
      namespace: default
    spec:
      secretStoreRef:
        name: vault
      dataFrom:
        - extract:
            key: registry
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      imagePullSecrets:
        - name: registri # finding
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: registry
      namespace: default
    spec:
      secretStoreRef:
        name: vault
      dataFrom:
        - extract:
            key: registry
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      imagePullSecrets:
        - name: registry
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```
    """
    for use in dangling(existing, "Secret") if existing.brings("Secret") else ():
        if not use.vital:
            fix = did_you_mean(use.name, existing.near("Secret", use.namespace)) or "encrypt one, or declare what makes it"
            yield Problem(use.at, f"{use.object.ref} names {use}, which nothing brings", fix)
