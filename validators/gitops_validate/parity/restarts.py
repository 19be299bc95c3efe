"""What only tells pods to restart, and when: a moment of one environment, which the others have no part in."""

from __future__ import annotations

import re
from typing import Any

MOMENTS = ("kubectl.kubernetes.io/restartedAt", "gitops-generate/rotated")
"""Annotations of pods that say when."""
_PATCH = re.compile(
    r"apiVersion: \S+\nkind: \S+\nmetadata:\n  name: \S+\nspec:\n  template:\n    metadata:\n      annotations:\n        gitops-generate/rotated: \S+\n?"
)
"""How `gitops-generate secrets rotate` tells the pods of a release."""


def without_restarts(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a release without the post-renderers that only tell its pods to restart."""
    listed = spec.get("postRenderers")
    return {**spec, "postRenderers": [each for each in listed if not _only_restarts(each)]} if isinstance(listed, list) else spec


def _only_restarts(renderer: Any) -> bool:
    match renderer:
        case {"kustomize": {"patches": [*patches], **others}} if patches and not others:
            return all(isinstance(patch, dict) and _PATCH.fullmatch(str(patch.get("patch"))) for patch in patches)
    return False
