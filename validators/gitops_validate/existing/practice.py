"""What rules of good practice look at: the workloads that stay in a cluster, and what is allowed where they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.existing.index import Existing
from gitops_validate.existing.loose import labels, mapping
from gitops_validate.existing.pods import Pods
from gitops_validate.judging.pod_security import ENFORCE
from gitops_validate.placing.routes import Route
from gitops_validate.workloads.requests import COUNTS

RUN_ONCE = frozenset({"Job", "CronJob"})


def lasting(existing: Existing) -> Iterator[Pods]:
    """The pods of an environment, without those of Helm's hooks, which are gone when a release is there."""
    return (pods for pods in existing.workloads if not pods.object.hooks)


def containers(pods: Pods) -> Iterator[tuple[Route, dict[str, Any], str]]:
    """Each container with its route into the object, and what it is called in a sentence."""
    for route, container in pods.containers():
        yield (*pods.route, *route), container, f"container {container.get('name')} of {pods.object.ref}"


def stays(route: Route, container: dict[str, Any]) -> bool:
    """Whether a container runs as long as its pod: an init container does where it is restarted always."""
    return "containers" in route or container.get("restartPolicy") == "Always"


def enforced(existing: Existing, namespace: str) -> str:
    """The level of Pod Security that a namespace of the repository enforces, "" if it says none."""
    found = next((each for each in existing.of("Namespace") if each.ref.name == namespace), None)
    return labels(found.get("metadata", "labels")).get(ENFORCE, "") if found else ""


def security(pods: Pods, container: dict[str, Any], field: str) -> Any:
    """A field of the security context of a container, or of its pod where the container says nothing."""
    own = mapping(container.get("securityContext"))
    return own.get(field) if field in own else mapping(pods.spec.get("securityContext")).get(field)


def replicas(pods: Pods) -> int:
    """How many pods a workload has, where it says that: 1 where it says nothing, and where there is one on every node or for every run."""
    count = pods.object.get("spec", "replicas")
    return count if isinstance(count, int) and pods.object.ref.kind in COUNTS else 1
