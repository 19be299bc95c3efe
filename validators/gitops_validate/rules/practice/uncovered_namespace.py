from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.practice import lasting
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule

POLICIES = frozenset({"NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "AdminNetworkPolicy"})


@rule(Severity.WARNING, Profile.STRICT)
def uncovered_namespace(existing: Existing) -> Problems:
    """A namespace whose pods anybody in the cluster can reach.

    Without a NetworkPolicy, every pod talks to every other one: whoever breaks into one of them reaches the databases of all. A policy that selects all pods
    of a namespace and lets in what is named closes it; further ones open what is needed. Told of the namespaces that the repository makes.

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
    covered = {each.ref.namespace for each in existing.objects if each.ref.kind in POLICIES}
    running = {pods.namespace for pods in lasting(existing)}
    for namespace in existing.of("Namespace"):
        if namespace.ref.name in running - covered:
            message = f"no NetworkPolicy says who may reach the pods in namespace {namespace.ref.name}"
            yield Problem(namespace.at("metadata", "name"), message, "add one that selects all pods, and names who may reach them")
