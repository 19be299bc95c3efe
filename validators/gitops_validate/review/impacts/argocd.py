"""Objects of Argo CD, which are not followed: what they sync from where to where, what goes with them, and what a project allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.building.link import ARGO
from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.impacts.versions import source
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_AUTOMATED = {
    "prune": "deletes nothing any more that is taken out of its source",
    "selfHeal": "does not undo what is changed in the cluster any more",
}
_ALLOWED = {"sourceRepos": "sources", "destinations": "destinations", "clusterResourceWhitelist": "kinds of the whole cluster"}
_FINALIZER = "resources-finalizer.argocd.argoproj.io"


def applications(change: Change, _where: Where) -> Iterator[Impact]:
    """Applications that sync something else, elsewhere, or no longer by themselves."""
    if (change.ref.group, change.ref.kind) != (ARGO, "Application") or not change.before or not change.after or change.action == "renamed":
        return
    before, after = change.before, change.after
    yield from _sources(_given(before), _given(after))
    if before.get("spec", "destination") != after.get("spec", "destination"):
        yield Impact(Level.DANGEROUS, "target", "is applied elsewhere: to another cluster or namespace", field="spec.destination")
    if before.get("spec", "project") != after.get("spec", "project"):
        yield Impact(Level.CAREFUL, "target", f"belongs to the project {after.get('spec', 'project')}", field="spec.project")
    old, new = (thing.get("spec", "syncPolicy", "automated") for thing in (before, after))
    if isinstance(old, dict) and not isinstance(new, dict):
        yield Impact(Level.CAREFUL, "suspended", "is not synced by itself any more", field="spec.syncPolicy.automated")
    elif isinstance(new, dict) and not isinstance(old, dict):
        yield Impact(
            Level.CAREFUL, "resumed", "is synced by itself from now on: everything that waited arrives at once", field="spec.syncPolicy.automated"
        )
    elif isinstance(old, dict) and isinstance(new, dict):
        for field in [name for name in _AUTOMATED if old.get(name) is True and new.get(name) is not True]:
            yield Impact(Level.CAREFUL, "guard", _AUTOMATED[field], field=f"spec.syncPolicy.automated.{field}")


def _given(application: RenderedObject) -> list[Any]:
    return items(application.get("spec", "sources")) or items([application.get("spec", "source")])


def _sources(before: list[Any], after: list[Any]) -> Iterator[Impact]:
    if [_place(each) for each in before] != [_place(each) for each in after]:
        yield Impact(Level.CAREFUL, "target", "is built from another source", field="spec.source")
        return
    for old, new in zip(before, after, strict=True):
        was, is_ = (str(each.get("targetRevision", "HEAD")) for each in (old, new))
        if was != is_:
            yield source("targetRevision", was, is_)


def _place(given: Any) -> tuple[Any, ...]:
    return tuple(given.get(key) for key in ("repoURL", "path", "chart"))


def gone(change: Change, where: Where) -> Iterator[Impact]:
    """What an Application applied goes with it only where a finalizer, or the ApplicationSet that made it, says so."""
    thing = change.before
    if change.action != "removed" or thing is None or thing.ref.group != ARGO or where.stays(change):
        return
    if thing.ref.kind == "AppProject":
        yield Impact(Level.CAREFUL, "deleted", f"{thing.ref} is deleted: what belongs to it is synced no more", thing.ref)
    elif thing.ref.kind in ("Application", "ApplicationSet") and _takes_along(thing):
        yield Impact(Level.DANGEROUS, "uninstalled", f"{thing.ref} goes, and what it applied with it", thing.ref)
    elif thing.ref.kind in ("Application", "ApplicationSet"):
        yield Impact(Level.CAREFUL, "orphaned", f"{thing.ref} goes; what it applied stays, and nothing looks after it any more", thing.ref)


def _takes_along(thing: RenderedObject) -> bool:
    if thing.ref.kind == "ApplicationSet":
        return thing.get("spec", "syncPolicy", "preserveResourcesOnDeletion") is not True
    finalizers = thing.get("metadata", "finalizers")
    return isinstance(finalizers, list) and any(str(each).startswith(_FINALIZER) for each in finalizers)


def projects(change: Change, _where: Where) -> Iterator[Impact]:
    """Projects that let their Applications sync from, to or of more."""
    if (change.ref.group, change.ref.kind) != (ARGO, "AppProject") or not change.before or not change.after:
        return
    for field, words in _ALLOWED.items():
        before, after = _listed(change.before, field), _listed(change.after, field)
        more = [each for each in after if each not in before]
        if more:
            level = Level.DANGEROUS if any(_is_everything(each) for each in more) else Level.CAREFUL
            yield Impact(level, "access", f"allows more {words}: {'; '.join(map(_said, more))}", field=f"spec.{field}")


def _listed(project: RenderedObject, field: str) -> list[Any]:
    found = project.get("spec", field)
    return found if isinstance(found, list) else []


def _is_everything(allowed: Any) -> bool:
    return all(part == "*" for part in (allowed.values() if isinstance(allowed, dict) else [allowed]))


def _said(allowed: Any) -> str:
    return ", ".join(f"{key} {part}" for key, part in allowed.items()) if isinstance(allowed, dict) else str(allowed)


TELLING = (applications, gone, projects)
