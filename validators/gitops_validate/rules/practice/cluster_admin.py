from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, text
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import strings
from gitops_validate.rule import Problems, rule

RBAC = "rbac.authorization.k8s.io"
BINDINGS = frozenset({"ClusterRoleBinding", "RoleBinding"})
ROLES = frozenset({"ClusterRole", "Role"})
OWN = frozenset({"gce:podsecuritypolicy:calico-sa"})
"""Bindings of platforms that are no choice of whoever uses them."""
VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})
"""Those with which everything can be done that `*` allows, one way or another."""


@rule(Severity.WARNING, Profile.STRICT)
def cluster_admin(existing: Existing) -> Problems:
    """Somebody who may do everything in the cluster, or in a namespace.

    Whoever gets hold of such an account, through a token in a pod, a log or a backup, has the cluster: every secret, every namespace, every node. A RoleBinding
    gives the same within its namespace, in which whoever may start pods reads all secrets. Give it a role with the verbs and resources that it uses. `*` for
    verbs and resources of every group is cluster-admin under another name. Bindings whose names begin with `system:` are the API server's own.

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
    roles = [each for each in existing.objects if each.ref.group == RBAC and not each.hooks]
    bound = {role for each in roles if each.ref.kind in BINDINGS for role in [_role(each)] if not _is_kubernetes_own(each)}
    spared = {role for each in roles if each.ref.kind in BINDINGS for role in [_role(each)]} - bound
    for thing in roles:
        if thing.ref.kind in BINDINGS and _role(thing) == ("ClusterRole", "", "cluster-admin") and not _is_kubernetes_own(thing):
            where = "the cluster" if thing.ref.kind == "ClusterRoleBinding" else f"namespace {thing.ref.namespace or 'default'}"
            yield Problem(thing.at("roleRef"), f"{thing.ref} lets its subjects do everything in {where}", "bind a role with what they use")
        elif thing.ref.kind in ROLES and (thing.ref.kind, _namespace(thing), thing.ref.name) not in spared:
            for route, entry in entries(thing.data, "rules"):
                if all("*" in strings(entry.get(field)) for field in ("apiGroups", "resources")) and _everything({*strings(entry.get("verbs"))}):
                    where = "" if thing.ref.kind == "ClusterRole" else f" in namespace {thing.ref.namespace or 'default'}"
                    yield Problem(thing.at(*route), f"{thing.ref} allows everything{where}", "name the groups, resources and verbs that are used")


def _role(binding: RenderedObject) -> tuple[str, str, str]:
    """Kind, namespace and name of what a binding gives."""
    kind, name = text(binding.get("roleRef", "kind")), text(binding.get("roleRef", "name"))
    return kind, _namespace(binding) if kind == "Role" else "", name


def _namespace(thing: RenderedObject) -> str:
    return thing.ref.namespace or "default" if thing.ref.kind in ("Role", "RoleBinding") else ""


def _is_kubernetes_own(binding: RenderedObject) -> bool:
    """Whether the API server itself makes and restores a binding of this name."""
    return binding.ref.name.startswith("system:") or binding.ref.name in OWN


def _everything(verbs: set[str]) -> bool:
    return "*" in verbs or verbs >= VERBS
