"""How the environment is deployed itself: what is suspended, pruned, synced from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.building import link
from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import LEFT_ALONE, RenderedObject
from gitops_validate.review.where import Where, kept

_RECONCILERS = frozenset({"Kustomization", "HelmRelease", "GitRepository", "OCIRepository", "HelmRepository", "Bucket", "FluxInstance"})
_GROUPS = ("toolkit.fluxcd.io", "controlplane.io")
_TARGETS = {
    "targetNamespace": (Level.DANGEROUS, "its objects move to another namespace: they are deleted here and made there"),
    "storageNamespace": (Level.DANGEROUS, "Helm looks for its releases elsewhere, and installs anew"),
    "releaseName": (Level.DANGEROUS, "the release gets another name: it is uninstalled and installed anew"),
    "sourceRef": (Level.CAREFUL, "is built from another source"),
    "path": (Level.CAREFUL, "is built from another folder"),
    "components": (Level.CAREFUL, "is built with other components"),
    "url": (Level.CAREFUL, "is fetched from another address"),
    "serviceAccountName": (Level.CAREFUL, "acts as somebody else"),
    "kubeConfig": (Level.DANGEROUS, "is applied to another cluster"),
    "decryption": (Level.CAREFUL, "decrypts its secrets in another way"),
}
_INSIDE = ("path", "components")
"""Those that lead to other files of the checkout, so that it is known whether they make anything else."""
_IGNORED = dict(LEFT_ALONE)
_GUARDS = {"prune": "deletes nothing any more that is taken out of the repository", "wait": "does not wait any more until what it applies is ready"}


def reconcilers(change: Change, where: Where) -> Iterator[Impact]:
    """Reconcilers that work on something else, or with less care. One that is renamed is made anew, and moves nowhere."""
    if not _is_reconciler(change) or change.action == "renamed" or not change.before or not change.after:
        return
    before, after = _spec(change.before), _spec(change.after)
    for field, words in _GUARDS.items():
        if before.get(field) is True and after.get(field) is not True:
            yield Impact(Level.CAREFUL, "guard", words, field=f"spec.{field}")
    for field, (level, words) in _TARGETS.items():
        if before.get(field) == after.get(field) or (field == "components" and change.ref.kind != "Kustomization"):
            continue
        if field in _INSIDE and where.makes_the_same(change):
            level, words = Level.ROUTINE, f"{words}, which makes the same"  # noqa: PLW2901 - less of the same
        yield Impact(level, "target", words, field=f"spec.{field}")
    if not before.get("force") and after.get("force"):
        yield Impact(Level.DANGEROUS, "force", "deletes and makes anew whatever cannot be updated", field="spec.force")
    if before.get("verify") and not after.get("verify"):
        yield Impact(Level.DANGEROUS, "guard", "does not verify signatures any more", field="spec.verify")


def waiting(change: Change, _where: Where) -> Iterator[Impact]:
    """What a reconciler waits for, or waits for no more."""
    if change.action == "renamed" or not change.before or not change.after:
        return
    before, after = ({str(ref) for each in link.reconcilers(thing) for ref in each.depends_on} for thing in (change.before, change.after))
    if after - before:
        yield Impact(Level.ROUTINE, "order", f"waits for {', '.join(sorted(after - before))}, too", field="spec.dependsOn")
    if before - after:
        yield Impact(Level.ROUTINE, "order", f"does not wait for {', '.join(sorted(before - after))} any more", field="spec.dependsOn")


def installed(change: Change, _where: Where) -> Iterator[Impact]:
    """Flux itself, where its operator installs it: synced from elsewhere, taken from elsewhere, with fewer parts."""
    if change.ref.kind != "FluxInstance" or not _is_reconciler(change) or not change.before or not change.after:
        return
    for section, key, words in (
        ("sync", "ref", "is synced from"),
        ("sync", "url", "is synced from"),
        ("sync", "path", "is synced from the folder"),
        ("distribution", "registry", "takes its images from"),
    ):
        old, new = (thing.get("spec", section, key) for thing in (change.before, change.after))
        if old != new:
            yield Impact(Level.CAREFUL, "target", f"{words} {new or 'none'} instead of {old or 'none'}", field=f"spec.{section}.{key}")
    before, after = (thing.get("spec", "components") for thing in (change.before, change.after))
    for name in [each for each in before if each not in after] if isinstance(before, list) and isinstance(after, list) else ():
        yield Impact(Level.CAREFUL, "deleted", f"{name} goes: what it did is done no more", field="spec.components")


def suspended(change: Change, _where: Where) -> Iterator[Impact]:
    """What stops for now, or goes on: reconcilers, and whatever else has the field, such as jobs by the clock and backups."""
    if not change.before or not change.after:
        return
    before, after = (bool(_spec(thing).get("suspend")) for thing in (change.before, change.after))
    flux = _is_reconciler(change)
    if after and not before:
        words = "nothing below it changes until it is resumed" if flux else "it does nothing until it is resumed"
        yield Impact(Level.CAREFUL, "suspended", f"is suspended: {words}", field="spec.suspend")
    if before and not after:
        words = "everything that waited arrives at once" if flux else "it goes on"
        yield Impact(Level.CAREFUL, "resumed", f"is resumed: {words}", field="spec.suspend")


def left_alone(change: Change, _where: Where) -> Iterator[Impact]:
    """Objects that Flux is told to leave as they are, or to apply again."""
    if not change.before or not change.after:
        return
    before, after = (_ignored(thing) for thing in (change.before, change.after))
    if after and not before:
        yield Impact(Level.CAREFUL, "suspended", f"Flux does not apply it any more, by its annotation {after}", field="metadata.annotations")
    if before and not after:
        yield Impact(Level.CAREFUL, "resumed", "Flux applies it again: everything that waited arrives at once", field="metadata.annotations")


def guarded(change: Change, _where: Where) -> Iterator[Impact]:
    """Objects that are deleted from now on when they are taken out of the repository."""
    if change.action != "modified" or not change.before or not change.after or change.before.reconciler.kind != change.after.reconciler.kind:
        return
    key = kept(change.before)
    if key and key not in _IGNORED and not kept(change.after):
        words = f"is deleted from now on when it is taken out: its annotation {key} is gone"
        yield Impact(Level.CAREFUL, "guard", words, field="metadata.annotations")


def _ignored(thing: RenderedObject) -> str:
    """The annotation, or label, by which kustomize-controller leaves an object alone; "" for none."""
    if thing.reconciler.kind != "Kustomization":
        return ""
    marks = [found for part in ("labels", "annotations") if isinstance(found := thing.get("metadata", part), dict)]
    return next((key for key, value in _IGNORED.items() for each in marks if str(each.get(key, "")).lower() == value), "")


def _is_reconciler(change: Change) -> bool:
    return change.ref.kind in _RECONCILERS and any(group in change.ref.group for group in _GROUPS)


def _spec(thing: RenderedObject) -> dict[str, Any]:
    spec = thing.get("spec")
    return spec if isinstance(spec, dict) else {}


TELLING = (reconcilers, waiting, installed, suspended, left_alone, guarded)
