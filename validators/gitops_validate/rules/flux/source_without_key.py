from __future__ import annotations

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.existing.wants import keys
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule

NEEDED = ("identity", "known_hosts")
"""What a Secret holds with which source-controller clones over SSH: the private key, and the host keys of the server."""


@rule(Severity.ERROR)
def source_without_key(existing: Existing) -> Problems:
    """A Git repository over SSH without what SSH needs.

    source-controller clones over SSH with the private key and the host keys in the Secret that `secretRef` names, under `identity` and `known_hosts`; other names,
    as `kubernetes.io/ssh-auth` has them, it does not read. Without them the source never gets ready, and nothing that is built from it is brought up to date.

    **Avoid**

    ```yaml clusters/dev/models.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: models
      namespace: default
    spec:
      interval: 10m
      url: ssh://git@git.acme.example/ml/models.git # finding
      ref:
        semver: "1.x"
    ```

    **Prefer**

    ```yaml clusters/dev/models.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: models
      namespace: default
    spec:
      interval: 10m
      url: ssh://git@git.acme.example/ml/models.git
      ref:
        semver: "1.x"
      secretRef:
        name: models-deploy-key
    ```
    """
    for source in existing.of("GitRepository", link.SOURCE):
        if not text(source.get("spec", "url")).lower().startswith("ssh://") or source.get("spec", "suspend") is True:
            continue
        namespace, name = source.ref.namespace or "default", text(source.get("spec", "secretRef", "name"))
        if not name:
            yield Problem(source.at("spec", "url"), f"{source.ref} is cloned over SSH, without a key", f"name a Secret with {' and '.join(NEEDED)}")
            continue
        there = keys(existing, "Secret", namespace, name)
        missing = [key for key in NEEDED if key not in there]
        if there and missing:
            message = f"{source.ref} is cloned over SSH with Secret/{namespace}/{name}, which has no {' and no '.join(missing)}"
            yield Problem(source.at("spec", "secretRef", "name"), message, f"it has {', '.join(there[:5])}")
