"""How the environment is deployed itself: what is suspended, pruned, synced from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where

_RECONCILERS = frozenset({"Kustomization", "HelmRelease", "GitRepository", "OCIRepository", "HelmRepository", "Bucket", "FluxInstance"})
_GROUPS = ("toolkit.fluxcd.io", "controlplane.io")
_TARGETS = {
    "targetNamespace": (Level.DANGEROUS, "its objects move to another namespace: they are deleted here and made there"),
    "storageNamespace": (Level.DANGEROUS, "Helm looks for its releases elsewhere, and installs anew"),
    "releaseName": (Level.DANGEROUS, "the release gets another name: it is uninstalled and installed anew"),
    "sourceRef": (Level.CAREFUL, "is built from another source"),
    "path": (Level.CAREFUL, "is built from another folder"),
    "url": (Level.CAREFUL, "is fetched from another address"),
    "serviceAccountName": (Level.CAREFUL, "acts as somebody else"),
    "kubeConfig": (Level.DANGEROUS, "is applied to another cluster"),
    "decryption": (Level.CAREFUL, "decrypts its secrets in another way"),
}
_GUARDS = {"prune": "deletes nothing any more that is taken out of the repository", "wait": "does not wait any more until what it applies is ready"}


def reconcilers(change: Change, _where: Where) -> Iterator[Impact]:
    """Reconcilers that stop, resume, or work on something else."""
    if change.ref.kind not in _RECONCILERS or not any(group in change.ref.group for group in _GROUPS) or not change.before or not change.after:
        return
    before, after = _spec(change.before), _spec(change.after)
    if bool(before.get("suspend")) != bool(after.get("suspend")):
        if after.get("suspend"):
            yield Impact(Level.CAREFUL, "suspended", "is suspended: nothing below it changes until it is resumed", field="spec.suspend")
        else:
            yield Impact(Level.CAREFUL, "resumed", "is resumed: everything that waited arrives at once", field="spec.suspend")
    for field, words in _GUARDS.items():
        if before.get(field) is True and after.get(field) is not True:
            yield Impact(Level.CAREFUL, "guard", words, field=f"spec.{field}")
    for field, (level, words) in _TARGETS.items():
        if before.get(field) != after.get(field):
            yield Impact(level, "target", words, field=f"spec.{field}")
    if not before.get("force") and after.get("force"):
        yield Impact(Level.DANGEROUS, "force", "deletes and makes anew whatever cannot be updated", field="spec.force")
    if before.get("verify") and not after.get("verify"):
        yield Impact(Level.DANGEROUS, "guard", "does not verify signatures any more", field="spec.verify")


def _spec(thing: RenderedObject) -> dict[str, Any]:
    spec = thing.get("spec")
    return spec if isinstance(spec, dict) else {}


TELLING = (reconcilers,)
