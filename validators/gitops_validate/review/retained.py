"""Volumes that stay when their claims go, as far as the repository says so."""

from __future__ import annotations

from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where

RETAIN = "Retain"
"""The policy of a volume that somebody has written, too, where it names none."""


def holds(thing: RenderedObject, where: Where) -> str:
    """What keeps the data of a claim or of a volume that goes; "" if nothing is known to, or it is neither."""
    match thing.ref.group, thing.ref.kind:
        case "", "PersistentVolume":
            return "the policy of the volume" if _is_kept(thing) else ""
        case "", "PersistentVolumeClaim":
            return _of_claim(thing, where)
    return ""


def _of_claim(claim: RenderedObject, where: Where) -> str:
    objects = where.sides.before.objects
    name, asked = claim.get("spec", "storageClassName"), claim.get("spec", "volumeName")
    kind = objects.get(("storage.k8s.io", "StorageClass", "", str(name)))
    if kind is not None:
        return f"{kind.ref}" if kind.get("reclaimPolicy") == RETAIN else ""
    volumes = (each for each in objects.values() if (each.ref.group, each.ref.kind) == ("", "PersistentVolume"))
    bound = [each for each in volumes if each.ref.name == asked or (not asked and name and each.get("spec", "storageClassName") == name)]
    return str(bound[0].ref) if bound and all(map(_is_kept, bound)) else ""


def _is_kept(volume: RenderedObject) -> bool:
    return (volume.get("spec", "persistentVolumeReclaimPolicy") or RETAIN) == RETAIN
