from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def dangling_subject(existing: Existing) -> Problems:
    """A binding for a ServiceAccount that does not exist.

    The binding is accepted and nobody has its rights; whoever makes an account of that name later gets them. A subject of a ClusterRoleBinding has to
    name its namespace, and accounts in namespaces that the repository does not fill are somebody else's.

    **Avoid**

    ```yaml clusters/dev/trainer.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: trainer
      namespace: default
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: read-jobs
      namespace: default
    rules:
      - apiGroups: [batch]
        resources: [jobs]
        verbs: [get, list, watch]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: trainer
      namespace: default
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: read-jobs
    subjects:
      - kind: ServiceAccount
        name: traner # finding
        namespace: default
    ```

    **Prefer**

    ```yaml clusters/dev/trainer.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: trainer
      namespace: default
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: read-jobs
      namespace: default
    rules:
      - apiGroups: [batch]
        resources: [jobs]
        verbs: [get, list, watch]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: trainer
      namespace: default
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: read-jobs
    subjects:
      - kind: ServiceAccount
        name: trainer
        namespace: default
    ```
    """
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in existing.of(kind, "rbac.authorization.k8s.io"):
            for route, subject in entries(binding.data, "subjects"):
                name, namespace = text(subject.get("name")), text(subject.get("namespace")) or binding.ref.namespace
                if subject.get("kind") == "ServiceAccount" and name and namespace and existing.lacks("ServiceAccount", namespace, name):
                    message = f"{binding.ref} is for ServiceAccount/{namespace}/{name}, which nothing brings"
                    yield Problem(binding.at(*route, "name"), message, did_you_mean(name, existing.near("ServiceAccount", namespace)))
