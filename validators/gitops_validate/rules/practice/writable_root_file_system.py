from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.practice import containers, enforced, lasting, security
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO, Profile.STRICT)
def writable_root_file_system(existing: Existing) -> Problems:
    """A container that can write over its own programs.

    With `readOnlyRootFilesystem: true` whoever breaks into it cannot leave anything behind, and what a program writes goes where somebody has decided that it
    should: into a volume. Directories that it needs are emptyDir volumes. Namespaces that enforce the level `privileged` are left alone.

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
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web # finding
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
          volumes:
            - name: tmp
              emptyDir: {}
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              volumeMounts:
                - name: tmp
                  mountPath: /tmp
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
    for pods in lasting(existing):
        for route, container, name in containers(pods) if enforced(existing, pods.namespace) != "privileged" else ():
            if security(pods, container, "readOnlyRootFilesystem") is not True:
                yield Problem(
                    pods.object.at(*route),
                    f"{name} can write to its root file system",
                    "readOnlyRootFilesystem: true, and volumes for what it writes",
                )
