"""secrets/kustomization.yaml of an overlay: the encrypted files, and an annotation of the pods that have to restart after a rotation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate.errors import Refused

NAME = "kustomization.yaml"
ANNOTATION = "gitops-generate/rotated"
_HEAD = "# Kept by `gitops-generate secrets`.\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
_PODS = {"Deployment", "StatefulSet", "DaemonSet"}

Restarts = dict[tuple[str, str, str], str]
"""When pods were last told to restart, by kind, name and release ("" for an object of the overlay itself)."""


def render(resources: list[str], restarts: Restarts) -> bytes:
    """The file: sorted, so that the same content gives the same bytes."""
    lines = [_HEAD + "resources:" + ("" if resources else " []")]
    lines += [f"  - {name}" for name in sorted(resources)]
    if restarts:
        lines.append("patches: # pods start again when a secret that they read was rotated")
    for (kind, name, release), when in sorted(restarts.items()):
        lines += ["  - patch: |-", *(f"      {line}" for line in _patch(kind, name, release, when))]
        lines += ["    target:", f"      kind: {'HelmRelease' if release else kind}", f"      name: {release or name}"]
    return ("\n".join(lines) + "\n").encode()


def _patch(kind: str, name: str, release: str, when: str) -> list[str]:
    pods = orjson.dumps({"spec": {"template": {"metadata": {"annotations": {ANNOTATION: when}}}}}).decode()
    if not release:
        return ["apiVersion: apps/v1", f"kind: {kind}", f"metadata: {{name: {name}}}", f"spec: {orjson.dumps(orjson.loads(pods)['spec']).decode()}"]
    inner = orjson.dumps({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, **orjson.loads(pods)}).decode()
    renderer = {"kustomize": {"patches": [{"target": {"kind": kind, "name": name}, "patch": inner}]}}
    return ["- op: add", "  path: /spec/postRenderers/-", f"  value: {orjson.dumps(renderer).decode()}"]


def parse(content: bytes, path: Path) -> Restarts:
    """The restarts that a file orders. Raises Refused where somebody else wrote the file."""
    try:
        data: Any = YAML(typ="safe", pure=True).load(content)
    except (MarkedYAMLError, ValueError):
        data = None
    if not isinstance(data, Mapping) or data.get("kind") != "Component":
        raise Refused(f"{path} is not as `gitops-generate secrets` writes it: put your own resources into custom/, and remove it")
    found: Restarts = {}
    for entry in data.get("patches") or ():
        key, when = _ordered(entry)
        if key[0] in _PODS:
            found[key] = when
    return found


def _ordered(entry: Any) -> tuple[tuple[str, str, str], str]:
    target, patch = entry["target"], YAML(typ="safe", pure=True).load(entry["patch"])
    release = ""
    if target["kind"] == "HelmRelease":
        release = str(target["name"])
        patch = orjson.loads(patch[0]["value"]["kustomize"]["patches"][0]["patch"])
    return (str(patch["kind"]), str(patch["metadata"]["name"]), release), str(patch["spec"]["template"]["metadata"]["annotations"][ANNOTATION])
