from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, strings
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule

VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})
"""Those with which everything can be done that `*` allows, one way or another."""


@rule(Severity.WARNING, Profile.STRICT)
def cluster_admin(existing: Existing) -> Problems:
    """Somebody who may do everything in the cluster.

    Whoever gets hold of such an account, through a token in a pod, a log or a backup, has the cluster: every secret, every namespace, every node. Give it a role
    with the verbs and resources that it uses. `*` for verbs and resources of every group is cluster-admin under another name.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/access.yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: deployer
    roleRef: # finding
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: cluster-admin
    subjects:
      - kind: User
        apiGroup: rbac.authorization.k8s.io
        name: deployer
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/access.yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: viewer
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: view
    subjects:
      - kind: User
        apiGroup: rbac.authorization.k8s.io
        name: viewer
    ```
    """
    for thing in existing.objects:
        if thing.ref.group == "rbac.authorization.k8s.io" and not thing.hooks:
            if thing.ref.kind == "ClusterRoleBinding" and thing.get("roleRef", "name") == "cluster-admin":
                yield Problem(thing.at("roleRef"), f"{thing.ref} lets its subjects do everything in the cluster", "bind a role with what they use")
            for route, entry in entries(thing.data, "rules") if thing.ref.kind == "ClusterRole" else ():
                if all("*" in strings(entry.get(field)) for field in ("apiGroups", "resources")) and _everything({*strings(entry.get("verbs"))}):
                    yield Problem(thing.at(*route), f"{thing.ref} allows everything", "name the groups, resources and verbs that are used")


def _everything(verbs: set[str]) -> bool:
    return "*" in verbs or verbs >= VERBS
