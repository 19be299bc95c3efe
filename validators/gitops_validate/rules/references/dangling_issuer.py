from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_issuer(existing: Existing) -> Problems:
    """A Certificate of an Issuer that does not exist.

    cert-manager never makes the Secret: pods that mount it do not start, and what serves it has no certificate. An Issuer is looked for in the namespace
    of the Certificate. A repository that brings none of that kind leaves them to somebody else.

    **Avoid**

    ```yaml clusters/dev/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata:
      name: internal
    spec:
      selfSigned: {}
    ---
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: default
    spec:
      secretName: web-tls
      dnsNames:
        - web.example.com
      issuerRef:
        kind: ClusterIssuer
        name: intern # finding
    ```

    **Prefer**

    ```yaml clusters/dev/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata:
      name: internal
    spec:
      selfSigned: {}
    ---
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: default
    spec:
      secretName: web-tls
      dnsNames:
        - web.example.com
      issuerRef:
        kind: ClusterIssuer
        name: internal
    ```
    """
    for kind in ("Issuer", "ClusterIssuer"):
        for use in dangling(existing, kind) if existing.brings(kind) else ():
            near = did_you_mean(use.name, existing.near(kind, "" if kind == "ClusterIssuer" else use.namespace))
            yield Problem(
                use.at, f"{use.object.ref} is of the {kind} {use.name}, which nothing brings", near or "declare it, or name one that exists"
            )
