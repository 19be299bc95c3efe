"""What objects want and will not get."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.existing.index import CLUSTER, Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.uses import Use
from gitops_validate.model.render import RenderedObject
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
        fetched = sorted(existing.fetched_keys(use.namespace, use.name)) if use.key and kind == "Secret" else []
        if fetched and use.key not in fetched:
            yield use, did_you_mean(use.key, fetched) or f"it has {', '.join(fetched[:5])}"
        held = existing.object(kind, use.namespace, use.name) if use.key else None
        known = keys(held) if held else []
        if held is None or not known or use.key in known or held.get("type") == "kubernetes.io/service-account-token":
            continue
        if not existing.may_fill(kind, use.namespace, use.name):
            yield use, did_you_mean(use.key, known) or f"it has {', '.join(known[:5])}"


def keys(held: RenderedObject) -> list[str]:
    """The keys of a Secret or a ConfigMap, sorted."""
    return sorted({key for field in ("data", "stringData", "binaryData") for key in mapping(held.get(field))})
