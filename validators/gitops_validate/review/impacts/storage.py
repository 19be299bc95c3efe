"""Claims and volumes: what shrinks, and what moves to another class."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.review.where import Where
from gitops_validate.workloads.quantity import amount
from gitops_validate.workloads.volumes import volumes

_CLASS = ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion", "mountOptions")


def sizes(change: Change, _where: Where) -> Iterator[Impact]:
    """Volumes that are asked to be larger, smaller or of another class."""
    before, after = volumes(change.before), volumes(change.after)
    for name in sorted(before.keys() & after.keys()):
        (size, kind), (newer, other) = before[name], after[name]
        if size != newer:
            yield _resized(name, size, newer, refused=change.ref.kind in ("PersistentVolumeClaim", "StatefulSet"))
        if kind != other:
            message = f"volume {name}: storage class {kind or 'default'} to {other or 'default'}; data that is there does not move along"
            yield Impact(Level.DANGEROUS, "storage-class", message)


def _resized(name: str, old: str, new: str, *, refused: bool) -> Impact:
    before, after = amount(old), amount(new)
    if before is not None and after is not None and after < before:
        words = "the update is refused" if refused else "its operator cannot carry that out"
        return Impact(Level.DANGEROUS, "shrunk-claim", f"volume {name}: {old} to {new}; a volume cannot shrink, {words}")
    return Impact(Level.CAREFUL, "grown-claim", f"volume {name}: {old or 'none'} to {new or 'none'}")


def classes(change: Change, _where: Where) -> Iterator[Impact]:
    """A StorageClass that does something else with new volumes, or with the old ones when they go."""
    if change.ref.kind == "StorageClass" and change.before and change.after:
        for field in _CLASS:
            old, new = change.before.get(field), change.after.get(field)
            if old != new:
                level = Level.DANGEROUS if field == "reclaimPolicy" and (new or "Delete") == "Delete" else Level.CAREFUL
                yield Impact(level, "storage-class", f"{field} is another for new volumes", field=field)
    if change.ref.kind == "PersistentVolume" and change.before and change.after:
        old, new = (thing.get("spec", "persistentVolumeReclaimPolicy") for thing in (change.before, change.after))
        if old != new and new == "Delete":
            yield Impact(Level.DANGEROUS, "data", "its data is deleted with its claim from now on")


TELLING = (sizes, classes)
