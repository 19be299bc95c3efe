from __future__ import annotations

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.existing.mirror import SOURCES, is_inside
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def plain_http_source(existing: Existing) -> Problems:
    """A source that is fetched without encryption.

    Whoever sits between the cluster and the source chooses what Flux applies, and reads the credentials that it sends. Addresses inside the cluster
    are not judged.

    **Avoid**

    ```yaml clusters/dev/charts.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: charts
      namespace: default
    spec:
      interval: 1h
      url: http://charts.example/stable # finding
    ```

    **Prefer**

    ```yaml clusters/dev/charts.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: charts
      namespace: default
    spec:
      interval: 1h
      url: https://charts.example/stable
    ```
    """
    for kind in SOURCES:
        for source in existing.of(kind, link.SOURCE):
            field = "endpoint" if kind == "Bucket" else "url"
            address = text(source.get("spec", field))
            insecure = source.get("spec", "insecure") is True
            if (insecure or address.lower().startswith("http://")) and not is_inside(address):
                message = f"{source.ref} is fetched from {address} without encryption"
                yield Problem(
                    source.at("spec", "insecure" if insecure else field), message, "use https://, with certSecretRef for your own authority"
                )
