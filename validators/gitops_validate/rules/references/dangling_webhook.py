from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import dig, entries, mapping, text
from gitops_validate.existing.services import has_port, ports
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule

Called: TypeAlias = tuple[RenderedObject, Route, dict[str, Any]]
ADMISSION = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
HTTPS = 443
"""The port that the API server calls where none is named."""


@rule(Severity.ERROR)
def dangling_webhook(existing: Existing) -> Problems:
    """A Service that the API server is to call, and that does not exist.

    An admission webhook that nobody answers keeps everything from being created that it is asked about, whatever brings it; a conversion webhook hides the
    custom resources of its kind, from Flux too; and with an APIService that nobody serves, namespaces can no longer be deleted.

    **Avoid**

    ```yaml clusters/dev/policies.yaml
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata:
      name: policies
    webhooks:
      - name: policies.registry.example
        admissionReviewVersions: [v1]
        sideEffects: None
        clientConfig:
          service:
            name: policy # finding
            namespace: default
            path: /validate
        rules:
          - apiGroups: [apps]
            apiVersions: [v1]
            operations: [CREATE, UPDATE]
            resources: [deployments]
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: policies
      namespace: default
    spec:
      selector:
        app: policies
      ports:
        - name: https
          port: 443
          targetPort: https
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: policies
      namespace: default
      labels:
        app: policies
    spec:
      containers:
        - name: policies
          image: registry.example/policies:1.4.0
          ports:
            - name: https
              containerPort: 8443
    ```

    **Prefer**

    ```yaml clusters/dev/policies.yaml
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata:
      name: policies
    webhooks:
      - name: policies.registry.example
        admissionReviewVersions: [v1]
        sideEffects: None
        clientConfig:
          service:
            name: policies
            namespace: default
            path: /validate
        rules:
          - apiGroups: [apps]
            apiVersions: [v1]
            operations: [CREATE, UPDATE]
            resources: [deployments]
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: policies
      namespace: default
    spec:
      selector:
        app: policies
      ports:
        - name: https
          port: 443
          targetPort: https
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: policies
      namespace: default
      labels:
        app: policies
    spec:
      containers:
        - name: policies
          image: registry.example/policies:1.4.0
          ports:
            - name: https
              containerPort: 8443
    ```
    """
    for owner, route, named in _called(existing):
        name, namespace, port = text(named.get("name")), text(named.get("namespace")), named.get("port", HTTPS)
        service = existing.object("Service", namespace, name)
        if service is None and name and namespace and existing.lacks("Service", namespace, name):
            message = f"the API server is to call Service/{namespace}/{name} for {owner.ref}, which nothing brings"
            fix = did_you_mean(name, existing.near("Service", namespace)) or "declare it, or take what calls it away"
            yield Problem(owner.at(*route, "name"), message, fix)
        elif service is not None and not has_port(service, port):
            at = owner.at(*route, "port") if "port" in named else owner.at(*route)
            message = f"the API server is to call port {port} of {service.ref} for {owner.ref}, which has {ports(service)}"
            yield Problem(at, message, "name a port of the Service")


def _called(existing: Existing) -> Iterator[Called]:
    """Each Service that the API server calls: who says so, and where."""
    for owner in existing.objects:
        ways: list[Route] = []
        match owner.ref.group, owner.ref.kind:
            case "admissionregistration.k8s.io", kind if kind in ADMISSION:
                ways = [(*route, "clientConfig", "service") for route, _ in entries(owner.data, "webhooks")]
            case "apiextensions.k8s.io", "CustomResourceDefinition" if owner.get("spec", "conversion", "strategy") == "Webhook":
                ways = [("spec", "conversion", "webhook", "clientConfig", "service")]
            case "apiregistration.k8s.io", "APIService":
                ways = [("spec", "service")]
        yield from ((owner, way, named) for way in ways if (named := mapping(dig(owner.data, *way))))
