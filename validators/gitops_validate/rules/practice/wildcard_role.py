from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.placing.routes import strings
from gitops_validate.rule import Problems, rule

ROLES = frozenset({("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "ClusterRole")})
FIELDS = {"verbs": "the verbs", "resources": "the resources", "apiGroups": "the API groups"}


@rule(Severity.INFO, Profile.STRICT)
def wildcard_role(existing: Existing) -> Problems:
    """A role that names `*` where it could name what it is for.

    `*` grows: with each new version of Kubernetes and each operator that is installed, the role allows things that nobody has thought of, as verbs on Secrets
    (`resources: ["*"]`), or `escalate`, `bind` and `impersonate` (`verbs: ["*"]`). Told of the roles that the repository writes; those of charts come with the chart. A
    role that allows everything is what cluster-admin tells; all of an API group that an operator brings is left alone.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/role.yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: default
    rules:
      - apiGroups: [apps]
        resources: [deployments]
        verbs: ["*"] # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/role.yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: default
    rules:
      - apiGroups: [apps]
        resources: [deployments]
        verbs: [get, list, watch, patch]
    ```
    """
    for thing in existing.objects:
        if (thing.ref.group, thing.ref.kind) not in ROLES or thing.reconciler.kind == "HelmRelease" or thing.hooks:
            continue
        for route, entry in entries(thing.data, "rules"):
            if all(_is_an_operators(group) for group in strings(entry.get("apiGroups"))):
                continue
            wild = [field for field in FIELDS if "*" in strings(entry.get(field))]
            if wild and len(wild) < len(FIELDS):
                message = f"{thing.ref} allows every one of {', '.join(FIELDS[field] for field in wild)}"
                yield Problem(thing.at(*route, wild[0]), message, f"name those that are used: {' and '.join(wild)}")


def _is_an_operators(group: str) -> bool:
    """Whether a group is none of Kubernetes' own: whoever brings it may well use all of it."""
    return "." in group and not group.endswith(".k8s.io")
