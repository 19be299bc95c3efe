from __future__ import annotations

from gitops_validate.config import Config
from gitops_validate.existing import Existing
from gitops_validate.existing.images import is_within
from gitops_validate.inventory import running
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def foreign_registry(existing: Existing, config: Config) -> Problems:
    """An image from a registry that is not allowed.

    `registries` in `.gitops-validate.yaml` names the registries, or parts of them, that images may come from: those that are scanned, mirrored into the air gap, or paid
    for. A node that reaches no other one cannot pull the image; one that does runs what nobody has looked at. Nothing is said where the list is missing.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    registries: [registry.acme.example]
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
          image: nginx:1.29.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    registries: [registry.acme.example]
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
          image: registry.acme.example/mirror/nginx:1.29.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    ```
    """
    if config.registries is None:
        return
    for thing in existing.objects:
        for route, image in running(thing):
            if not any(is_within(image, allowed) for allowed in config.registries):
                fix = (
                    f"take it from {' or '.join(config.registries)}, or add its registry to registries" if config.registries else "allow its registry"
                )
                yield Problem(thing.at(*route), f"{thing.ref} runs {image}, whose registry is not allowed", fix)
