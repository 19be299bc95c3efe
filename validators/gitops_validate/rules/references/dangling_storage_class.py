from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

DISTRIBUTED = frozenset({"default", "gp2", "gp3", "hostpath", "local-path", "local-storage", "standard", "standard-rwo", "premium-rwo"})
"""Classes that come with a cluster."""


@rule(Severity.WARNING)
def dangling_storage_class(existing: Existing) -> Problems:
    """A claim of a StorageClass that does not exist.

    Nobody provisions the volume: the claim and the pods that mount it stay Pending. A repository that brings no StorageClass itself leaves them to
    somebody else, and so are the classes that distributions of Kubernetes come with.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata:
      name: fast
    provisioner: driver.example
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: models
      namespace: default
    spec:
      storageClassName: fats # finding
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 10Gi
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata:
      name: fast
    provisioner: driver.example
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: models
      namespace: default
    spec:
      storageClassName: fast
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 10Gi
    ```
    """
    for use in dangling(existing, "StorageClass") if existing.brings("StorageClass") else ():
        if use.name not in DISTRIBUTED:
            fix = did_you_mean(use.name, existing.near("StorageClass", "")) or "declare it, or name one that exists"
            yield Problem(use.at, f"{use.object.ref} is of the StorageClass {use.name}, which nothing brings", fix)
