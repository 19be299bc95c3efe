"""What a consequence depends on besides the object itself: who applies it, whether that prunes, what else runs."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gitops_validate.judging.recreated import is_forced
from gitops_validate.model.change import Change
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import LEFT_ALONE, RenderedObject
from gitops_validate.review.sides import Sides

KEEP = {
    "Kustomization": {"kustomize.toolkit.fluxcd.io/prune": "disabled", **dict(LEFT_ALONE)},
    "HelmRelease": {"helm.sh/resource-policy": "keep"},
}
"""Annotations (of kustomize-controller also labels) by which an object stays when what applied it lets go of it. Neither heeds those of the other."""


def kept(thing: RenderedObject) -> str:
    """The annotation, or label, by which an object stays when what applied it lets go of it; "" for none."""
    metadata = thing.get("metadata")
    parts = ("labels", "annotations") if thing.reconciler.kind == "Kustomization" else ("annotations",)
    marks = [_texts(metadata, part) for part in parts]
    wanted = KEEP.get(thing.reconciler.kind, {})
    return next((key for key, value in wanted.items() for each in marks if each.get(key, "").strip().lower() == value), "")


class Where(Struct, frozen=True):
    """The two states of the environment that a change belongs to."""

    sides: Sides

    def stays(self, change: Change) -> bool:
        """Whether an object that is applied no more goes on running: whatever applied it does not prune, or was told to keep it."""
        thing = change.before
        if thing is None or self.loses_namespace(thing):
            return False
        if kept(thing) or (thing.crd and thing.reconciler.kind == "HelmRelease"):
            return True
        return thing.reconciler.kind == "Kustomization" and not self._prunes(thing)

    def loses_namespace(self, thing: RenderedObject) -> bool:
        """Whether the namespace of an object is deleted, which takes everything in it along."""
        space = ("", "Namespace", "", thing.ref.namespace)
        before, after = self.sides.before, self.sides.after
        if not thing.ref.namespace or space not in before.objects or space in after.objects:
            return False
        holder = before.objects[space]
        return not self.sides.unknown(holder, after, before) and not self.stays(Change("removed", holder, None))

    def _prunes(self, thing: RenderedObject) -> bool:
        """Whether the Kustomization that applied an object deletes it: by `prune` while it is there, by `deletionPolicy` when it goes itself."""
        before = self.sides.before.reconcilers.get(thing.reconciler)
        after = self.sides.after.reconcilers.get(thing.reconciler)
        if after is None and before is not None:
            policy = before.reconciler.spec.get("deletionPolicy", "MirrorPrune")
            return bool(before.reconciler.spec.get("prune", False)) if policy == "MirrorPrune" else policy != "Orphan"
        if after and (after.reconciler.object is None or after.reconciler.object.ref.kind == "FluxInstance"):
            return True  # the entry: flux-operator and `flux bootstrap` both make it with `prune: true`
        spec = after.reconciler.spec if after else {}
        return spec.get("prune") is True

    def chart(self, release: RenderedObject) -> str:
        """The chart that a release was rendered from, with its version and digest; "" if it was not."""
        for side in (self.sides.before, self.sides.after):
            for render in side.rendered.renders:
                if render.reconciler.object is release:
                    return render.chart
        return ""

    def makes_the_same(self, change: Change) -> bool:
        """Whether a Kustomization, or a release, is known to make of all that it is given what it made before."""
        ref = ReconcilerRef(change.ref.kind, change.ref.namespace, change.ref.name)
        before, after = self.sides.before, self.sides.after
        if any(ref not in side.reconcilers or ref in side.broken for side in (before, after)):
            return False
        one, other = ({side.identity(thing): thing.raw for thing in side.reconcilers[ref].objects} for side in (before, after))
        return one == other

    def forced(self, change: Change) -> bool:
        """Whether an object whose update is refused is deleted and made anew."""
        return is_forced(change.subject, self.sides.spec(change.reconciler))


def _texts(metadata: Any, name: str) -> dict[str, str]:
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
