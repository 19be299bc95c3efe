"""Which Secrets come of an object: itself, or those that its controller makes in the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject

PRODUCERS = frozenset({"ExternalSecret", "SealedSecret", "Certificate", "SopsSecret", "VaultStaticSecret", "VaultDynamicSecret", "InfisicalSecret"})
"""Kinds whose controllers make Secrets that are not in the repository."""
_TARGETS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "Certificate": ((("spec",), "secretName"),),
    "ExternalSecret": ((("spec", "target"), "name"),),
    "InfisicalSecret": ((("spec", "managedSecretReference"), "secretName"), (("spec", "managedKubeSecretReferences"), "secretName")),
    "SopsSecret": ((("spec", "secretTemplates"), "name"),),
    "VaultDynamicSecret": ((("spec", "destination"), "name"),),
    "VaultStaticSecret": ((("spec", "destination"), "name"),),
}
"""Where each kind names its Secrets: a map or a list of maps, and the field in them. Without any, the Secret has the name of the object."""


def secrets_of(rendered: RenderedObject) -> Iterator[tuple[str, str]]:
    """Namespace and name of each Secret that comes of an object."""
    if rendered.ref.kind != "Secret" and rendered.ref.kind not in PRODUCERS:
        return
    namespace = rendered.ref.namespace or "default"
    targets = [(target, field) for route, field in _TARGETS.get(rendered.ref.kind, ()) for target in _maps(rendered.get(*route))]
    named = [(str(target.get("secretNamespace") or namespace), str(target[field])) for target, field in targets if target.get(field)]
    yield from named or [(namespace, rendered.ref.name)]


def keys_of(rendered: RenderedObject) -> frozenset[str]:
    """The keys of the Secret that an ExternalSecret makes, where it names them all: in a template that replaces what was fetched, or one by one."""
    spec = rendered.get("spec") if rendered.ref.kind == "ExternalSecret" else None
    match spec:
        case {"target": {"template": {"data": dict(data), **template}}} if "templateFrom" not in template and template.get("mergePolicy") != "Merge":
            return frozenset(map(str, data))
        case {"target": {"template": _}} | {"dataFrom": _}:
            return frozenset()
        case {"data": list(listed)}:
            return frozenset(str(each["secretKey"]) for each in _maps(listed) if "secretKey" in each)
    return frozenset()


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
