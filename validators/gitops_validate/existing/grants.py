"""Who may refer across namespaces: the listeners of a Gateway, and ReferenceGrants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.existing.index import Existing
from gitops_validate.existing.loose import dig, entries, labels, mapping, text
from gitops_validate.existing.selecting import matches
from gitops_validate.existing.uses import GATEWAY
from gitops_validate.model.render import RenderedObject

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"})


def takes(existing: Existing, gateway: RenderedObject, listener: Mapping[str, Any], namespace: str) -> bool:
    """Whether a listener takes routes from a namespace; one whose labels are not known may be selected."""
    chosen = mapping(dig(listener, "allowedRoutes", "namespaces"))
    match chosen.get("from", "Same"):
        case "Same":
            return namespace == (gateway.ref.namespace or "default")
        case "None":
            return False
        case "Selector":
            found = existing.object("Namespace", "", namespace)
            own = {"kubernetes.io/metadata.name": namespace} | labels(found.get("metadata", "labels") if found else None)
            return matches(mapping(chosen.get("selector")), own) or (found is None and bool(chosen.get("selector")))
    return True


def is_granted(existing: Existing, owner: RenderedObject, kind: str, namespace: str, name: str) -> bool:
    """Whether a ReferenceGrant of a namespace lets an object refer to one of the core group there."""
    for grant in existing.of("ReferenceGrant", GATEWAY):
        if grant.ref.namespace != namespace:
            continue
        sources = ((text(each.get("group")), each.get("kind"), each.get("namespace")) for _, each in entries(grant.data, "spec", "from"))
        targets = [each for _, each in entries(grant.data, "spec", "to") if (text(each.get("group")), each.get("kind")) == ("", kind)]
        if (owner.ref.group, owner.ref.kind, owner.ref.namespace) in sources and any(each.get("name") in (None, name) for each in targets):
            return True
    return existing.is_open(namespace)
