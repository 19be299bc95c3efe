from __future__ import annotations

from gitops_validate.mend.words import newer_version
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, mend=newer_version)
def deprecated_api(verdict: Verdict) -> Problems:
    """An API version that a later Kubernetes will not serve.

    It works today and stops working with an upgrade, which is then the worst moment to find out. The API server's own list of lifecycles says
    since when it is deprecated and what replaces it.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: v1 # finding
    kind: Endpoints
    metadata:
      name: database
      namespace: default
    subsets:
      - addresses:
          - ip: 192.0.2.10
        ports:
          - port: 5432
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: database
      namespace: default
      labels:
        kubernetes.io/service-name: database
    addressType: IPv4
    endpoints:
      - addresses:
          - 192.0.2.10
    ports:
      - port: 5432
    ```
    """
    if verdict.deprecated and not verdict.removed:
        fix = f"use {verdict.deprecated.replacement}" if verdict.deprecated.replacement else ""
        yield Problem(verdict.object.at("apiVersion"), verdict.deprecated.message, fix)
