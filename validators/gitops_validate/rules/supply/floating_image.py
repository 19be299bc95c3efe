from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.existing import Existing
from gitops_validate.existing.images import is_floating
from gitops_validate.existing.loose import text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import InObject
from gitops_validate.rule import Problems, rule
from gitops_validate.workloads.inventory import OWN_FIELDS


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
    for spot, image in _running(existing):
        if is_floating(image):
            yield Problem(spot, f"{spot.object.ref} runs {image}, whatever that is when it is pulled", "name a version, or better a digest")


def _running(existing: Existing) -> Iterator[tuple[InObject, str]]:
    """The images of pods, and those that custom resources name for the pods that are made of them."""
    for pods in existing.workloads:
        for route, container in pods.containers():
            if image := text(container.get("image")):
                yield pods.object.at(*pods.route, *route, "image"), image
    for thing in existing.rendered.objects:
        own = OWN_FIELDS.get((thing.ref.group, thing.ref.kind))
        if own and (image := text(thing.get(*own))):
            yield thing.at(*own), image
