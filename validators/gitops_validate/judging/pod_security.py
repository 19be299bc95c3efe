"""Where in an object stands what Pod Security does not let in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gitops_validate.model.render import PodViolation, RenderedObject
from gitops_validate.placing.routes import Route, existing
from gitops_validate.workloads.inventory import POD_SPECS, containers

ENFORCE = "pod-security.kubernetes.io/enforce"
"""The label by which a namespace says which level its pods are held to."""
GRAVE = frozenset({"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH", "BPF"})
"""Capabilities that lead out of a container."""
_INSIDE: Mapping[str, tuple[Route, ...]] = {
    "allowPrivilegeEscalation": (("securityContext", "allowPrivilegeEscalation"),),
    "capabilities": (("securityContext", "capabilities"),),
    "runAsNonRoot": (("securityContext", "runAsNonRoot"),),
    "runAsUser": (("securityContext", "runAsUser"),),
    "seccompProfile": (("securityContext", "seccompProfile"),),
    "seLinuxOptions": (("securityContext", "seLinuxOptions"),),
    "AppArmor": (("securityContext", "appArmorProfile"),),
    "sysctls": (("securityContext", "sysctls"),),
    "privileged": (("securityContext", "privileged"),),
    "procMount": (("securityContext", "procMount"),),
    "hostProcess": (("securityContext", "windowsOptions"),),
    "host namespaces": (("hostNetwork",), ("hostPID",), ("hostIPC",)),
    "hostPath volumes": (("volumes",),),
    "restricted volume types": (("volumes",),),
    "hostPort": (("ports",),),
    "probe or lifecycle host": (("livenessProbe",), ("readinessProbe",), ("startupProbe",), ("lifecycle",)),
}
"""By what the evaluator calls a violation: the fields of a pod or a container that it is about (k8s.io/pod-security-admission/policy)."""
_QUOTED = re.compile(r'"([^"]+)"')


def offending(thing: RenderedObject, violation: PodViolation) -> Route:
    """The field that the evaluator's sentence is about; where it is missing, the first container that lacks it, else the pod."""
    pod = POD_SPECS.get(thing.ref.kind, ("spec",))
    named = set(_QUOTED.findall(violation.detail))
    holders = [route for route, container in containers(thing) if str(container.get("name", "")) in named]
    for fields in (found for word, found in _INSIDE.items() if word in violation.reason):
        for route in ((*holder, *field) for field in fields for holder in (*holders, pod)):
            if existing(thing.data, route) == route:
                return route
    return holders[0] if holders else pod
