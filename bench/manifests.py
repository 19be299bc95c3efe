"""10,000 mixed manifests, the same on each machine: fifteen kinds, one object in a hundred with a field that does not exist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Object = dict[str, Any]

COUNT = 10_000
A_FILE = 10
BROKEN_EVERY = 100


def write(folder: Path) -> Path:
    """Write them, ten a file, as YAML's flow style would have it: JSON documents in a stream."""
    for number, start in enumerate(range(0, COUNT, A_FILE)):
        target = folder / f"{number // 100:02}" / f"{number:04}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("---\n".join(block(made(index)) for index in range(start, start + A_FILE)))
    return folder


def made(index: int) -> Object:
    """The object of that number."""
    kinds = list(KINDS)
    group, kind = kinds[index % len(kinds)]
    meta = {
        "name": f"{kind.lower()}-{index}",
        "namespace": f"team-{index % 20}",
        "labels": {"app": f"app-{index % 500}", "team": f"team-{index % 20}"},
    }
    result = {"apiVersion": group, "kind": kind, "metadata": meta, **KINDS[group, kind](index)}
    if index % BROKEN_EVERY == BROKEN_EVERY - 1:
        result["sepc"] = {}
    return result


def pods(index: int) -> Object:
    """A pod template such as teams write them."""
    probe = {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 10}
    container = {
        "name": "main",
        "image": f"registry.example/team/app:{index % 7}.{index % 13}.0",
        "args": ["--log-format=json", f"--shard={index}"],
        "env": [{"name": f"SETTING_{n}", "value": str(index * n)} for n in range(5)],
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    spec = {"containers": [container], "volumes": [{"name": "tmp", "emptyDir": {}}], "securityContext": {"runAsNonRoot": True}}
    return {"metadata": {"labels": select(index)}, "spec": spec}


def select(index: int) -> Object:
    """The labels that tie a workload to its pods."""
    return {"app": f"app-{index % 500}"}


def workload(index: int) -> Object:
    """The spec that Deployments and DaemonSets share."""
    return {"spec": {"selector": {"matchLabels": select(index)}, "template": pods(index)}}


def stateful(index: int) -> Object:
    """A StatefulSet's spec."""
    return {"spec": {**workload(index)["spec"], "serviceName": f"app-{index % 500}", "replicas": index % 5}}


def job(index: int) -> Object:
    """A Job's spec."""
    template = pods(index)
    return {"spec": {"backoffLimit": 3, "template": {**template, "spec": {**template["spec"], "restartPolicy": "Never"}}}}


def ingress(index: int) -> Object:
    """An Ingress of one host."""
    backend = {"service": {"name": f"app-{index % 500}", "port": {"number": 80}}}
    return {"spec": {"rules": [{"host": f"app-{index}.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}}


def scaler(index: int) -> Object:
    """A HorizontalPodAutoscaler on CPU."""
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"app-{index % 500}"}
    return {"spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 1 + index % 9, "metrics": [metric]}}


def claim(index: int) -> Object:
    """A PersistentVolumeClaim."""
    return {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{1 + index % 50}Gi"}}}}


def policy(index: int) -> Object:
    """A NetworkPolicy that lets one neighbour in."""
    peer = {"from": [{"podSelector": {"matchLabels": select(index + 1)}}], "ports": [{"port": 8080, "protocol": "TCP"}]}
    return {"spec": {"podSelector": {"matchLabels": select(index)}, "policyTypes": ["Ingress"], "ingress": [peer]}}


def binding(index: int) -> Object:
    """A RoleBinding of one service account."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"role-{index}"}
    return {"roleRef": role, "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": f"team-{index % 20}"}]}


KINDS = {
    ("apps/v1", "Deployment"): workload,
    ("apps/v1", "StatefulSet"): stateful,
    ("apps/v1", "DaemonSet"): workload,
    ("batch/v1", "Job"): job,
    ("batch/v1", "CronJob"): lambda index: {"spec": {"schedule": f"{index % 60} * * * *", "jobTemplate": job(index)}},
    ("v1", "Service"): lambda index: {"spec": {"selector": select(index), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}},
    ("v1", "ConfigMap"): lambda index: {"data": {f"key-{n}": f"value {index} {n}\n" * 3 for n in range(6)}},
    ("v1", "ServiceAccount"): lambda _: {"automountServiceAccountToken": False},
    ("v1", "PersistentVolumeClaim"): claim,
    ("networking.k8s.io/v1", "Ingress"): ingress,
    ("networking.k8s.io/v1", "NetworkPolicy"): policy,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): scaler,
    ("policy/v1", "PodDisruptionBudget"): lambda index: {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": select(index)}}},
    ("rbac.authorization.k8s.io/v1", "Role"): lambda _: {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]},
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): binding,
}


def block(value: Any) -> str:
    """A value as block style YAML; scalars as JSON, which YAML includes."""
    return "\n".join(lines(value)) + "\n"


def lines(value: Any, indent: int = 0) -> Iterator[str]:
    """The lines of an object or a list."""
    pad = "  " * indent
    entries = ((f"{pad}{key}:", item) for key, item in value.items()) if isinstance(value, dict) else ((f"{pad}-", item) for item in value)
    for head, item in entries:
        if not isinstance(item, (dict, list)) or not item:
            yield f"{head} {json.dumps(item)}"
        elif head.endswith("-"):
            first, *rest = lines(item, indent + 1)
            yield f"{head} {first.lstrip()}"
            yield from rest
        else:
            yield head
            yield from lines(item, indent + 1)
