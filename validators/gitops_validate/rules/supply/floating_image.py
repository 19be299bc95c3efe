from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.images import is_floating
from gitops_validate.existing.loose import text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def floating_image(existing: Existing) -> Problems:
    """An image without a tag, or by the tag latest.

    Which image runs depends on when each node pulled it: replicas differ, a restart is an upgrade, and a rollback of the repository rolls nothing back.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      containers:
        - name: api
          image: registry.example/api:latest # finding
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: default
    spec:
      containers:
        - name: web
          image: registry.example:5000/web # finding
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: default
    spec:
      containers:
        - name: web
          image: registry.example/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    ```
    """
    for pods in (pods for listed in existing.pods.values() for pods in listed):
        for route, container in pods.containers():
            image = text(container.get("image"))
            if image and is_floating(image):
                message = f"{pods.object.ref} runs {image}, whatever that is when it is pulled"
                yield Problem(pods.object.at(*pods.route, *route, "image"), message, "name a version, or better a digest")
