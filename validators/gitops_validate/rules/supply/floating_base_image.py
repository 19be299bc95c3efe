from __future__ import annotations

from gitops_validate.content import content
from gitops_validate.existing.images import is_floating
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.pipeline.dockerfile import images, is_dockerfile
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def floating_base_image(repo: Repo) -> Problems:
    """A Dockerfile that builds on an image without a tag, or by the tag latest.

    What is built depends on the day: a rebuild for a small change brings another system with it, and one that worked cannot be built again. What only the build
    knows is not judged.

    **Avoid**

    ```dockerfile images/web/Dockerfile
    FROM registry.example/golang AS build # finding
    COPY . .
    RUN go build -o /web .

    FROM registry.example/debian:latest # finding
    COPY --from=build /web /web
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```

    **Prefer**

    ```dockerfile images/web/Dockerfile
    ARG GO=1.27
    FROM registry.example/golang:${GO} AS build
    COPY . .
    RUN go build -o /web .

    FROM registry.example/debian:trixie-slim
    COPY --from=build /web /web
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```
    """
    for path in sorted(filter(is_dockerfile, repo.digests)):
        for number, image in images(content(repo, path).decode("utf-8", "replace").splitlines()):
            if is_floating(image):
                message = f"{path.rpartition('/')[2]} builds on {image}, whatever that is when it is built"
                yield Problem(Place(path, number, 1), message, "name a version, or better a digest")
