from __future__ import annotations

from gitops_validate.existing.images import is_floating
from gitops_validate.existing.loose import mapping, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.pipeline.files import pipelines
from gitops_validate.pipeline.images import images
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule

PIPELINES = (".gitlab-ci.yml", ".gitlab-ci.yaml")
BRANCHES = ("", "main", "master", "HEAD")


@rule(Severity.WARNING)
def floating_ci_ref(repo: Repo) -> Problems:
    """A pipeline that runs whatever somebody else pushed last.

    Jobs hold tokens and decide what may be merged. An include without a ref follows a branch, one from an address can change at any time unless its
    integrity is given, and an image without a tag is another one each day.

    **Avoid**

    ```yaml .gitlab-ci.yml
    check:
      image: registry.example/check:latest # finding
      script:
        - gitops-validate check
    include:
      - project: platform/ci # finding
        file: check.yml
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```

    **Prefer**

    ```yaml .gitlab-ci.yml
    check:
      image: registry.example/check:1.4.0
      script:
        - gitops-validate check
    include:
      - project: platform/ci
        file: check.yml
        ref: v1.4.0
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    listed = {path for pipeline in pipelines(repo) for path in pipeline.files}
    for path in sorted({*(path for path in PIPELINES if path in repo.files), *listed}):
        for manifest in repo.files[path].manifests:
            yield from _includes(manifest)
            for at, image in images(manifest):
                if "$" not in image and is_floating(image):
                    yield Problem(at, f"the pipeline runs {image}, whatever that is when it is pulled", "name a version, or better a digest")


def _includes(manifest: Manifest) -> Problems:
    listed = mapping(manifest.data).get("include")
    several = isinstance(listed, list)
    for index, entry in enumerate(listed if isinstance(listed, list) else [listed]):
        steps: Route = ("include", index) if several else ("include",)
        match entry:
            case {"project": str(project), **rest} if text(rest.get("ref")) in BRANCHES:
                yield Problem(
                    manifest.at(*steps, "project"), f"what the pipeline includes of {project} follows a branch", "give `ref` a tag or a commit"
                )
            case {"remote": str(address), **rest} if not rest.get("integrity"):
                yield Problem(manifest.at(*steps, "remote"), f"{address} may hold something else in each pipeline", "give its `integrity`")
            case {"component": str(component)} if "$" not in (version := component.rpartition("@")[2]) and version in (
                *BRANCHES,
                "~latest",
                component,
            ):
                yield Problem(manifest.at(*steps, "component"), f"{component} is not pinned", "name a version, or a commit")
