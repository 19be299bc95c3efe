"""The volumes that objects ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject
from gitops_validate.pods import items

_CLAIMS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "PersistentVolumeClaim": (("spec",),),
    "Prometheus": (("spec", "storage", "volumeClaimTemplate", "spec"),),
    "Alertmanager": (("spec", "storage", "volumeClaimTemplate", "spec"),),
    "ThanosRuler": (("spec", "storage", "volumeClaimTemplate", "spec"),),
}
"""Where kinds hold the spec of a claim."""
_SIZES: Mapping[str, tuple[tuple[str, ...], ...]] = {"Cluster": (("spec", "storage"), ("spec", "walStorage"))}
"""Where CloudNativePG's clusters hold the size and the class of their volumes."""


def volumes(thing: RenderedObject | None) -> dict[str, tuple[str, str]]:
    """The volumes that an object asks for: size and class by a name of each."""
    if thing is None:
        return {}
    found: dict[str, Any] = {".".join(route): thing.get(*route) for route in _CLAIMS.get(thing.ref.kind, ())}
    if thing.ref.kind == "StatefulSet":
        for claim in items(thing.get("spec", "volumeClaimTemplates")):
            metadata = claim.get("metadata")
            found[str(metadata.get("name") if isinstance(metadata, dict) else "")] = claim.get("spec")
    sizes = {name: _claimed(spec) for name, spec in found.items() if isinstance(spec, dict)}
    own = _SIZES.get(thing.ref.kind, ()) if thing.ref.group == "postgresql.cnpg.io" else ()
    plain = {".".join(route): thing.get(*route) for route in own}
    return sizes | {name: (str(spec.get("size", "")), str(spec.get("storageClass", ""))) for name, spec in plain.items() if isinstance(spec, dict)}


def _claimed(spec: Mapping[str, Any]) -> tuple[str, str]:
    resources = spec.get("resources")
    requests = resources.get("requests") if isinstance(resources, dict) else None
    return str(requests.get("storage", "") if isinstance(requests, dict) else ""), str(spec.get("storageClassName") or "")
