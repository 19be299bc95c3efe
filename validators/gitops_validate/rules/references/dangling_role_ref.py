from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

RBAC = "rbac.authorization.k8s.io"
DEFAULTS = frozenset({"admin", "cluster-admin", "edit", "view"})
"""The ClusterRoles of every cluster, besides those that begin with system:."""


@rule(Severity.WARNING)
def dangling_role_ref(existing: Existing) -> Problems:
    """A binding to a Role or ClusterRole that does not exist.

    The binding is accepted and grants nothing: what runs under its subjects is refused by the API server. The reference cannot be changed afterwards,
    the binding has to be made anew.

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
      name: read-job # finding
    subjects:
      - kind: ServiceAccount
        name: trainer
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
        for binding in existing.of(kind, RBAC):
            wanted, name = text(binding.get("roleRef", "kind")), text(binding.get("roleRef", "name"))
            namespace = "" if wanted == "ClusterRole" else binding.ref.namespace or "default"
            if wanted in ("Role", "ClusterRole") and name and not _is_default(name) and existing.lacks(wanted, namespace, name):
                message = f"{binding.ref} binds the {wanted} {name}, which nothing brings"
                yield Problem(binding.at("roleRef", "name"), message, did_you_mean(name, existing.near(wanted, namespace)))


def _is_default(name: str) -> bool:
    return name in DEFAULTS or name.startswith("system:")
