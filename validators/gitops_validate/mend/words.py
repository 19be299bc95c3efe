"""Repairs of one word in a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitops_validate.mend.edit import Edit, within
from gitops_validate.model.finding import Finding

WANTS_TEXT = re.compile(r"expected string, got [^{}\[\]\s]+$")
LAST = re.compile(r"(?:^|\.)([A-Za-z0-9_/-]+)$")
SCALAR = r"([A-Za-z0-9.+_-]+)(?=\s*$|\s+#|\s*[,}\]])"
REPLACEMENT = re.compile(r"use (\S+) (\S+)")

SAME = {
    ("autoscaling/v2beta2", "autoscaling/v2"): {"HorizontalPodAutoscaler"},
    ("batch/v1beta1", "batch/v1"): {"CronJob"},
    ("coordination.k8s.io/v1beta1", "coordination.k8s.io/v1"): {"Lease"},
    ("flowcontrol.apiserver.k8s.io/v1beta3", "flowcontrol.apiserver.k8s.io/v1"): {"FlowSchema"},
    ("node.k8s.io/v1beta1", "node.k8s.io/v1"): {"RuntimeClass"},
    ("rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1"): {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
    ("scheduling.k8s.io/v1beta1", "scheduling.k8s.io/v1"): {"PriorityClass"},
    ("storage.k8s.io/v1beta1", "storage.k8s.io/v1"): {"CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment"},
}
"""Versions that mean the same field by field, so that the name is all that changes. A budget, an ingress or a slice of endpoints is not among them."""


def quoted(finding: Finding, lines: Sequence[str]) -> Edit | None:
    """Quote, as it is written, a number or a truth value where the API wants a text."""
    number, column, key = finding.place.line - 1, finding.place.column - 1, LAST.search(finding.field)
    if not WANTS_TEXT.search(finding.message) or finding.place.precision != "field" or not key or not 0 <= number < len(lines) or column < 0:
        return None
    name = re.escape(key[1])
    found = re.compile(rf"""(?:{name}|"{name}"|'{name}'):\s+{SCALAR}""").match(lines[number], column)
    return within(number, lines[number], found.start(1), found.end(1), f'"{found[1]}"') if found else None


def newer_version(finding: Finding, lines: Sequence[str]) -> Edit | None:
    """Write the API version that replaces one, where both mean the same."""
    number, ref, wanted = finding.place.line - 1, finding.object, REPLACEMENT.fullmatch(finding.fix)
    if ref is None or not wanted or finding.place.precision != "field" or not 0 <= number < len(lines):
        return None
    if wanted[2] != ref.kind or ref.kind not in SAME.get((ref.api_version, wanted[1]), ()):
        return None
    found = re.compile(rf"""apiVersion:\s+["']?({re.escape(ref.api_version)})(?=["']?\s*$|["']?\s+#|["']?\s*[,}}])""").match(
        lines[number], finding.place.column - 1
    )
    return within(number, lines[number], found.start(1), found.end(1), wanted[1]) if found else None
