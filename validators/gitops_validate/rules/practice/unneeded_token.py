from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, text
from gitops_validate.existing.pods import Pods
from gitops_validate.existing.practice import lasting
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, Profile.STRICT)
def unneeded_token(existing: Existing) -> Problems:
    """A pod that is given a token of the API server without any use for it.

    Kubernetes mounts the token of its service account into every pod that does not refuse it. Whoever breaks into the pod talks to the API server with it: what anybody
    may read who is signed in, and whatever the account is given by mistake later. No binding in the repository gives this account anything, so that nothing is lost
    without the token. Pods whose account a role is bound to are left alone.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec: # finding
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              livenessProbe:
                httpGet:
                  path: /live
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              livenessProbe:
                httpGet:
                  path: /live
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```
    """
    users = set(_users(existing))
    for pods in lasting(existing):
        name = text(pods.spec.get("serviceAccountName")) or text(pods.spec.get("serviceAccount")) or "default"
        groups = {(pods.namespace, ""), ("", "")}
        if {(pods.namespace, name), *groups} & users or not _mounts(pods, name, existing):
            continue
        message = f"{pods.object.ref} mounts a token of ServiceAccount/{pods.namespace}/{name}, to which nothing is allowed"
        steps = ("automountServiceAccountToken",) if "automountServiceAccountToken" in pods.spec else ()
        yield Problem(
            pods.object.at(*pods.route, *steps), message, "set automountServiceAccountToken: false in its pods, or bind a role to the account"
        )


def _mounts(pods: Pods, name: str, existing: Existing) -> bool:
    """What the pod says counts before what its account says; an account that the repository does not bring may refuse it."""
    said = pods.spec.get("automountServiceAccountToken")
    if isinstance(said, bool):
        return said
    account = existing.object("ServiceAccount", pods.namespace, name)
    return name == "default" if account is None else account.get("automountServiceAccountToken") is not False


def _users(existing: Existing) -> Iterator[tuple[str, str]]:
    """Namespace and name of the accounts that a role is bound to; no name for all of a namespace, no namespace for all there are."""
    for thing in existing.objects:
        if thing.ref.group != "rbac.authorization.k8s.io" or thing.ref.kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        for _, subject in entries(thing.data, "subjects"):
            name = text(subject.get("name"))
            if subject.get("kind") == "ServiceAccount":
                yield text(subject.get("namespace")) or thing.ref.namespace or "default", name
            elif subject.get("kind") == "Group" and name.startswith("system:serviceaccounts"):
                yield name.removeprefix("system:serviceaccounts").removeprefix(":"), ""
