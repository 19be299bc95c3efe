from __future__ import annotations

from gitops_validate.config import Config
from gitops_validate.existing import Existing
from gitops_validate.existing.mirror import addresses, images, is_image_below, is_inside, is_source_below, own_source
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def outside_mirror(existing: Existing, config: Config) -> Problems:
    """A source or an image that is not in the mirror.

    Clusters without a way out get everything from copies. What names its publisher works where it was tried, and in the cluster the image is never pulled
    and the chart never fetched. `mirror` in `.gitops-validate.yaml` says what addresses of sources and names of images begin with; what says nothing of
    one of them leaves it open. A name without a registry is one of docker.io. Not judged are the source that the environment itself is synced from,
    addresses inside the cluster, and images that only a controller knows.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      sources: [registry.acme.example/charts]
      images: [registry.acme.example/mirror, gitlab.acme.example:5050]
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: charts
      namespace: default
    spec:
      interval: 1h
      url: https://charts.example/stable # finding
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: default
    spec:
      containers:
        - name: web
          image: nginx:1.29.0 # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    mirror:
      sources: [registry.acme.example/charts]
      images: [registry.acme.example/mirror, gitlab.acme.example:5050]
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: charts
      namespace: default
    spec:
      interval: 1h
      type: oci
      url: oci://registry.acme.example/charts
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: default
    spec:
      containers:
        - name: web
          image: registry.acme.example/mirror/docker.io/library/nginx:1.29.0
    ```
    """
    mirror, own = config.mirror, own_source(existing)
    for source, at, address in addresses(existing) if mirror.sources else ():
        is_own = ReconcilerRef(source.ref.kind, source.ref.namespace, source.ref.name) == own or str(source.ref) in config.self_sources
        if address and not (is_own or is_inside(address) or is_source_below(address, mirror.sources)):
            message = f"{source.ref} comes from {address}, which is not below {' or '.join(mirror.sources)}"
            yield Problem(at, message, "copy it there and name the copy, or add where it comes from to `mirror.sources`")
    for thing, at, image in images(existing) if mirror.images else ():
        if not is_image_below(image, mirror.images):
            message = f"{thing.ref} takes {image} from elsewhere than {' or '.join(mirror.images)}"
            yield Problem(at, message, "copy it there and name the copy, or add where it comes from to `mirror.images`")
