from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.pods import Pods
from gitops_validate.existing.practice import lasting
from gitops_validate.existing.selecting import matches
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.rule import Problems, rule

POLICIES = frozenset({"NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "AdminNetworkPolicy"})


@rule(Severity.WARNING, Profile.STRICT)
def uncovered_namespace(existing: Existing) -> Problems:
    """A namespace whose pods anybody in the cluster can reach.

    Without a NetworkPolicy, every pod talks to every other one: whoever breaks into one of them reaches the databases of all. A policy that selects all pods
    of a namespace and lets in what is named closes it; further ones open what is needed. A policy of egress alone
    closes nothing here. Where there are policies, pods that name no port are passed over. Told of the namespaces that the repository makes.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web # finding
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: web
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

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: default
      namespace: web
    spec:
      podSelector: {}
      policyTypes: [Ingress]
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: web
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
    policies = [each for each in existing.objects if each.ref.kind in POLICIES]
    for namespace in existing.of("Namespace"):
        running = [pods for pods in lasting(existing) if pods.namespace == namespace.ref.name]
        own = [each for each in policies if not each.ref.namespace or each.ref.namespace == namespace.ref.name]
        listening = [pods for pods in running if any(pods.ports())] if own else running
        open_to_all = [pods for pods in listening if not any(_lets_in_only(each, pods) for each in own)]
        if open_to_all:
            some = "" if len(open_to_all) == len(running) else f" of {open_to_all[0].object.ref}"
            message = f"no NetworkPolicy says who may reach the pods{some} in namespace {namespace.ref.name}"
            yield Problem(namespace.at("metadata", "name"), message, "add one that selects all pods, and names who may reach them")


def _lets_in_only(policy: RenderedObject, pods: Pods) -> bool:
    """Whether a policy has a say in who may reach pods. Other kinds than Kubernetes' own have selectors of their own: they count for all of a namespace."""
    if (policy.ref.group, policy.ref.kind) != ("networking.k8s.io", "NetworkPolicy"):
        return True
    types = policy.get("spec", "policyTypes")
    ingress = not isinstance(types, list) or not types or "Ingress" in types
    return ingress and matches(mapping(policy.get("spec", "podSelector")), pods.labels)
