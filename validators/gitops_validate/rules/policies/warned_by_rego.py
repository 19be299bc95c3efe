from __future__ import annotations

from gitops_validate.judging.hide import without_secrets
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Rendered
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def warned_by_rego(rendered: Rendered) -> Problems:
    """An object that a policy in Rego warns of.

    A rule named `warn` or `warn_...` of the policies in `policy/` has something against it, as conftest would say. Nothing stops it.

    **Avoid**

    ```rego policy/owners.rego
    package main

    warn contains msg if {
        input.kind == "Service"
        not input.metadata.labels.owner
        msg := sprintf("%s has no owner", [input.metadata.name])
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1 # finding
    kind: Service
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        app: web
      ports:
        - port: 80
    ```

    ```yaml clusters/dev/deployment.yaml
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
              image: registry.acme.example/web:1.4.0
              ports:
                - containerPort: 80
    ```

    **Prefer**

    ```rego policy/owners.rego
    package main

    warn contains msg if {
        input.kind == "Service"
        not input.metadata.labels.owner
        msg := sprintf("%s has no owner", [input.metadata.name])
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      namespace: default
      labels:
        owner: shop
    spec:
      selector:
        app: web
      ports:
        - port: 80
    ```

    ```yaml clusters/dev/deployment.yaml
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
              image: registry.acme.example/web:1.4.0
              ports:
                - containerPort: 80
    ```
    """
    for said in rendered.rego:
        if said.warning:
            message = f"{said.object.ref}: {said.rule} of package {said.package} warns: {without_secrets(said.message, said.object)}"
            yield Problem(said.object.at(), message, "change what the policy warns of")
