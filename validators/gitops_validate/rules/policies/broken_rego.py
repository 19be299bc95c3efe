from __future__ import annotations

from gitops_validate.judging.rego import BrokenRego
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def broken_rego(broken: BrokenRego) -> Problems:
    """A policy in Rego that cannot be asked.

    As long as one file in `policy/` is broken, none of the policies is asked, and nothing that they guard against is found. Policies come with the change
    that they judge: they may compute with what they are given, and call nothing that asks a network, a clock or the environment.

    **Avoid**

    ```rego policy/owners.rego
    package main

    deny contains msg if {
        input.kind == "Service"
        owners := http.send({"method": "GET", "url": "https://owners.acme.example/"}) # finding
        not owners.body[input.metadata.name]
        msg := "no owner"
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
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

    deny contains msg if {
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
    yield Problem(Place(broken.path, broken.line, broken.column), f"policies in Rego cannot be asked: {broken.message}", "correct it")
