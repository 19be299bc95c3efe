"""What objects want and will not get."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.existing.index import CLUSTER, Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.uses import Use
from gitops_validate.placing.near import did_you_mean


def dangling(existing: Existing, kind: str) -> Iterator[Use]:
    """What is wanted of a kind and will not be there."""
    for use in existing.uses.get(kind, ()):
        missing = existing.lacks(kind, "" if kind in CLUSTER else use.namespace, use.name)
        if missing and not existing.has_hooks_for(use.object.reconciler, use.name):
            yield use


def keyless(existing: Existing, kind: str) -> Iterator[tuple[Use, str]]:
    """What is wanted of an object of a kind that is there, but has not the key; and a hint at those that it has.

    An object without any key is filled in the cluster, and so is one for a ServiceAccount's token.
    """
    for use in existing.uses.get(kind, ()):
        known = keys(existing, kind, use.namespace, use.name) if use.key else []
        if known and use.key not in known:
            yield use, did_you_mean(use.key, known) or f"it has {', '.join(known[:5])}"


def keys(existing: Existing, kind: str, namespace: str, name: str) -> list[str]:
    """The keys that a Secret or a ConfigMap will have, sorted; none where they are not known."""
    if kind == "Secret" and (fetched := existing.fetched_keys(namespace, name)):
        return sorted(fetched)
    held = existing.object(kind, namespace, name)
    if held is None or held.get("type") == "kubernetes.io/service-account-token" or existing.may_fill(kind, namespace, name):
        return []
    return sorted({key for field in ("data", "stringData", "binaryData") for key in mapping(held.get(field))})
