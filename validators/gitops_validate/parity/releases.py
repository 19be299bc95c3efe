"""Releases held against each other by their merged values, wherever these are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.building.link import HELM
from gitops_validate.model.change import ABSENT, Change, FieldChange
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import RenderedObject
from gitops_validate.parity.outline import Compared
from gitops_validate.review.fields import differences
from gitops_validate.review.veil import Veil

VALUES = (("spec", "values"), ("spec", "valuesFrom"))


class Releases(Struct, frozen=True):
    """Two environments whose releases are compared."""

    one: Compared
    other: Compared
    veil: Veil

    def told(self, changes: Iterable[Change]) -> Iterator[Change]:
        """The same differences, but that those in values are fields of the release, and follow from it in the ConfigMap that they stand in."""
        values = {ref: (change, found) for ref, change, found in self._values()}
        for change in changes:
            if change.action != "modified":
                yield change
            elif is_release(change.subject):
                merged, found = values.pop(reference(change.subject), (change, ()))
                kept = (each for each in change.fields if each.route[:2] not in VALUES)
                yield replace(change, fields=(*kept, *found), shown=merged.shown)
            else:
                yield replace(change, fields=tuple(self._carried(change, each) for each in change.fields))
        yield from (replace(change, fields=found) for change, found in values.values())

    def _carried(self, change: Change, field: FieldChange) -> FieldChange:
        if change.ref.kind != "ConfigMap" or field.route[:1] != ("data",):
            return field
        held = (change.ref.namespace, change.ref.name, str(field.route[1])) in self.other.carriers
        return replace(field, noise=True) if held else field

    def _values(self) -> Iterator[tuple[ReconcilerRef, Change, tuple[FieldChange, ...]]]:
        """The releases of both environments whose merged values differ."""
        before = {reference(thing): thing for _, thing in self.one.objects() if is_release(thing)}
        for _, thing in self.other.objects():
            if is_release(thing) and (former := before.get(reference(thing))):
                old, new = self.one.data(former), self.other.data(thing)
                fields = tuple(self._fields(_of(old), _of(new)))
                if fields:
                    shown = self.veil.object(dict(old)), self.veil.object(dict(new))
                    yield reference(thing), Change("modified", former, thing, shown=shown), fields

    def _fields(self, old: Any, new: Any) -> Iterator[FieldChange]:
        for found in differences({"spec": {"values": old}}, {"spec": {"values": new}}):
            before, after = (self.veil.value("HelmRelease", found.route, found.path, value) for value in (found.before, found.after))
            yield FieldChange(self.veil.text(found.path), before, after, route=found.route)


def is_release(thing: RenderedObject) -> bool:
    """Whether an object is a HelmRelease of Flux."""
    return thing.ref.group == HELM and thing.ref.kind == "HelmRelease"


def reference(release: RenderedObject) -> ReconcilerRef:
    """What a release is called where it is a reconciler."""
    return ReconcilerRef(*release.ref[1:])


def _of(data: Any) -> Any:
    spec = data.get("spec")
    return spec.get("values", ABSENT) if isinstance(spec, dict) else ABSENT
