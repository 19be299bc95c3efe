from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.practice import containers, enforced, lasting, security
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.placing.routes import strings
from gitops_validate.rule import Problems, rule

GIVEN = frozenset(
    {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"}
    | {"NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
)
"""The capabilities that runtimes give a container which drops none."""
CONFINED = ("RuntimeDefault", "Localhost")


@rule(Severity.WARNING, Profile.STRICT)
def weak_security_context(existing: Existing) -> Problems:
    """A container that may do more than it has to.

    Whoever breaks into it starts from what it may do. Nearly everything runs as another user than root, without gaining rights, with no capabilities and under
    the runtime's seccomp profile: what the level `restricted` of Pod Security asks for. Where a namespace enforces that level, the cluster sees to it; where
    one enforces `privileged`, somebody has decided that its pods need more. This is about all the others.

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
              securityContext: # finding
                readOnlyRootFilesystem: true
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
    for pods in lasting(existing):
        if enforced(existing, pods.namespace) in ("restricted", "privileged"):
            continue
        for route, container, name in containers(pods):
            own = mapping(container.get("securityContext"))
            dropped = {each.upper() for each in strings(mapping(own.get("capabilities")).get("drop"))}
            wanted = {
                "allowPrivilegeEscalation: false": own.get("allowPrivilegeEscalation") is False,
                "capabilities.drop: [ALL]": "ALL" in dropped or dropped >= GIVEN,
                "runAsNonRoot: true": security(pods, container, "runAsNonRoot") is True,
                "seccompProfile.type: RuntimeDefault": mapping(security(pods, container, "seccompProfile")).get("type") in CONFINED,
            }
            lacking = [field for field, there in wanted.items() if not there]
            if lacking:
                spot = pods.object.at(*route, *(("securityContext",) if own else ()))
                yield Problem(spot, f"{name} lacks {', '.join(lacking)} in its securityContext", "set them, and let the namespace enforce restricted")
