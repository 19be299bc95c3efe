from __future__ import annotations

from gitops_validate.config import Config
from gitops_validate.existing.mirror import is_image_below
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.pipeline.files import pipelines
from gitops_validate.pipeline.images import images
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def pipeline_outside_mirror(repo: Repo, config: Config) -> Problems:
    """A job whose image is not in the mirror.

    Runners without a way out pull from copies, as their clusters do. `mirror.images` in `.gitops-validate.yaml` says what the names of images begin with.
    What a variable names is not judged.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      images: [registry.acme.example/mirror, gitlab.acme.example:5050]
    ```

    ```yaml .gitlab-ci.yml
    check:
      image: gitlab.acme.example:5050/platform/gitops-validate:0.1.0
      script: [gitops-validate check]
    build:
      image: quay.io/buildah/stable:v1.43.0 # finding
      script: [buildah build .]
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

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      images: [registry.acme.example/mirror, gitlab.acme.example:5050]
    ```

    ```yaml .gitlab-ci.yml
    check:
      image: gitlab.acme.example:5050/platform/gitops-validate:0.1.0
      script: [gitops-validate check]
    build:
      image: registry.acme.example/mirror/quay.io/buildah/stable:v1.43.0
      script: [buildah build .]
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
    mirror = config.mirror.images
    paths = sorted({path for pipeline in pipelines(repo) for path in pipeline.files}) if mirror else []
    for manifest in (manifest for path in paths for manifest in repo.files[path].manifests):
        for at, image in images(manifest):
            if not _is_open(image) and not is_image_below(image, mirror):
                message = f"the pipeline runs {image} from elsewhere than {' or '.join(mirror)}"
                yield Problem(at, message, "copy it there and name the copy, or add where it comes from to `mirror.images`")


def _is_open(image: str) -> bool:
    """Whether a variable says which registry, or which image of docker.io."""
    first, slash, _ = image.partition("/")
    return "$" in (first if slash else first.partition(":")[0])
