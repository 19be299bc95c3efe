from __future__ import annotations

from gitops_validate.config import Config
from gitops_validate.content import content
from gitops_validate.existing.mirror import is_image_below
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.pipeline.dockerfile import images, is_dockerfile
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dockerfile_outside_mirror(repo: Repo, config: Config) -> Problems:
    """A Dockerfile that builds on an image which is not in the mirror.

    Where nothing but the mirror is in reach, the build stops at its first line. `mirror.images` in `.gitops-validate.yaml` says what the names of images begin with.
    Judged are the images of stages, those that are copied or mounted from, and the one that `# syntax=` names, with what `ARG` says by default; what only the build
    knows is not.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      images: [registry.acme.example]
    ```

    ```dockerfile images/web/Dockerfile
    FROM golang:1.27 AS build # finding
    COPY . .
    RUN go build -o /web .

    FROM registry.acme.example/mirror/debian:trixie-slim
    COPY --from=build /web /web
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      images: [registry.acme.example]
    ```

    ```dockerfile images/web/Dockerfile
    ARG REGISTRY=registry.acme.example/mirror
    FROM ${REGISTRY}/golang:1.27 AS build
    COPY . .
    RUN go build -o /web .

    FROM ${REGISTRY}/debian:trixie-slim
    COPY --from=build /web /web
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```
    """
    mirror = config.mirror.images
    for path in sorted(filter(is_dockerfile, repo.digests)) if mirror else ():
        for number, image in images(content(repo, path).decode("utf-8", "replace").splitlines()):
            if not is_image_below(image, mirror):
                message = f"{path.rpartition('/')[2]} builds on {image} from elsewhere than {' or '.join(mirror)}"
                yield Problem(Place(path, number, 1), message, "copy it there and name the copy, or add where it comes from to `mirror.images`")
