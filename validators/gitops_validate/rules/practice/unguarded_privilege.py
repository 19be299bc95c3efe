from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, mapping
from gitops_validate.existing.pods import Pods
from gitops_validate.existing.practice import containers, enforced, lasting
from gitops_validate.judging.pod_security import ENFORCE, GRAVE
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.placing.routes import Route, strings
from gitops_validate.rule import Problems, rule

SYSTEM = "kube-system"
HOST = {"hostNetwork": "runs in the network of its node", "hostPID": "sees the processes of its node", "hostIPC": "shares memory with its node"}
PROCESS = "runs as a process of its node"
ALMOST = frozenset({"NET_RAW", "SYS_RAWIO", "SYS_BOOT"})
"""Capabilities that lead to the network of others, or to the node's hardware: beside those that lead out of a container."""


@rule(Severity.WARNING, Profile.STANDARD)
def unguarded_privilege(existing: Existing) -> Problems:
    """Pods that get at their node, where nobody has said that they may.

    A privileged container, one in the network or among the processes of its node, one that mounts the node's files or has the capabilities of an administrator,
    is as good as root on the node, and from there on the cluster. Some have to be: drivers, agents, load balancers. Their namespace then says so, by the level
    `privileged` of Pod Security; every other namespace enforces a level that refuses them. Here the namespace says nothing, and lets everything in.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: DaemonSet
    metadata:
      name: web
      namespace: drivers
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
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
                privileged: true # finding
    ```

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: drivers
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: DaemonSet
    metadata:
      name: web
      namespace: drivers
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
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
                privileged: true
    ```

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: drivers
      labels:
        pod-security.kubernetes.io/enforce: privileged
    ```
    """
    for pods in lasting(existing):
        if pods.namespace != SYSTEM and not enforced(existing, pods.namespace):
            for route, what in _privileges(pods):
                fix = f"take it away, or label namespace {pods.namespace} with {ENFORCE}: privileged"
                yield Problem(
                    pods.object.at(*route), f"{pods.object.ref} {what}, and namespace {pods.namespace} enforces no level of Pod Security", fix
                )


def _privileges(pods: Pods) -> Iterator[tuple[Route, str]]:
    for field, what in HOST.items():
        if pods.spec.get(field) is True:
            yield (*pods.route, field), what
    paths = [(route, volume["hostPath"].get("path")) for route, volume in entries(pods.spec, "volumes") if isinstance(volume.get("hostPath"), dict)]
    if paths:  # an agent of a node mounts many, for one reason
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield (*pods.route, *paths[0][0], "hostPath"), f"mounts {paths[0][1]}{others} of its node"
    if _is_host_process(pods.spec):
        yield (*pods.route, "securityContext", "windowsOptions"), PROCESS
    for route, container, _ in containers(pods):
        yield from (((*route, *below), what) for below, what in _of_container(container))


def _of_container(container: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    own = mapping(container.get("securityContext"))
    added = strings(mapping(own.get("capabilities")).get("add"))
    grave = sorted((GRAVE | ALMOST) & {each.upper().removeprefix("CAP_") for each in added})
    if _is_host_process(container):
        yield ("securityContext", "windowsOptions"), PROCESS
    if own.get("privileged") is True:
        yield ("securityContext", "privileged"), "has a privileged container"
    elif grave:
        yield ("securityContext", "capabilities", "add"), f"has the capability {grave[0]}"
    for inner, port in entries(container, "ports"):
        if port.get("hostPort"):
            yield (*inner, "hostPort"), f"takes port {port['hostPort']} of its node"


def _is_host_process(holder: dict[str, Any]) -> bool:
    """Whether a pod or container runs on the node itself, as only those of Windows can."""
    return mapping(mapping(holder.get("securityContext")).get("windowsOptions")).get("hostProcess") is True
