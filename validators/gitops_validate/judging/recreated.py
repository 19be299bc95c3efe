"""Whether an object whose update the API server refuses is deleted and made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.existing.loose import dig, labels
from gitops_validate.model.render import RenderedObject

FORCE = "kustomize.toolkit.fluxcd.io/force"


def is_forced(thing: RenderedObject, spec: Mapping[str, Any]) -> bool:
    """Whether what applies an object, by this spec of its own or by the object's annotation, replaces it then."""
    if thing.reconciler.kind == "HelmRelease":
        return dig(spec, "upgrade", "force") is True
    return spec.get("force") is True or labels(thing.get("metadata", "annotations")).get(FORCE, "").lower() == "enabled"
