from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_claim(existing: Existing) -> Problems:
    """A volume of a claim that does not exist.

    The pod cannot be scheduled: it stays Pending until somebody makes the PersistentVolumeClaim.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: models
      namespace: default
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 10Gi
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      volumes:
        - name: models
          persistentVolumeClaim:
            claimName: model # finding
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: models
      namespace: default
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 10Gi
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      volumes:
        - name: models
          persistentVolumeClaim:
            claimName: models
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```
    """
    for use in dangling(existing, "PersistentVolumeClaim"):
        fix = did_you_mean(use.name, existing.near("PersistentVolumeClaim", use.namespace)) or "declare the claim, or mount another volume"
        yield Problem(use.at, f"{use.object.ref} mounts {use}, which nothing brings", fix)
