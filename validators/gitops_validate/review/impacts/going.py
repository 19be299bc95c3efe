"""What goes, what goes with it, and what stays behind without anybody to look after it."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.retained import holds
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

_DATA = frozenset(
    {
        ("", "PersistentVolumeClaim"),
        ("", "PersistentVolume"),
        ("postgresql.cnpg.io", "Cluster"),
        ("postgresql.cnpg.io", "Database"),
        ("barmancloud.cnpg.io", "ObjectStore"),
        ("monitoring.coreos.com", "Prometheus"),
        ("elasticsearch.k8s.elastic.co", "Elasticsearch"),
        ("longhorn.io", "Volume"),
        ("objectbucket.io", "ObjectBucketClaim"),
        ("seaweed.seaweedfs.com", "Seaweed"),
        ("minio.min.io", "Tenant"),
        ("kafka.strimzi.io", "Kafka"),
    }
)
"""Kinds whose objects hold data, or take it with them."""
_RUNNING = frozenset(
    {"Deployment", "DaemonSet", "StatefulSet", "Service", "Ingress", "HTTPRoute", "Gateway", "CronJob", "Certificate", "ClusterIssuer", "Issuer"}
)
_BACKUPS = frozenset({"ScheduledBackup", "Schedule", "RecurringJob", "BackupStorageLocation"})


def gone(change: Change, where: Where) -> Iterator[Impact]:
    """Objects that are applied no more."""
    thing = change.before
    if thing is None or change.action not in ("removed", "renamed"):
        return
    if where.stays(change):
        yield Impact(Level.CAREFUL, "orphaned", f"{thing.ref} stays in the cluster, and nothing looks after it any more", thing.ref)
        return
    holder = holds(thing, where)
    if holder:
        yield Impact(Level.CAREFUL, "unbound", f"{thing.ref} is deleted; its data stays, by {holder}, for somebody to bind it again", thing.ref)
    else:
        yield from _deleted(change, thing)


def _deleted(change: Change, thing: RenderedObject) -> Iterator[Impact]:
    kind, renamed = (thing.ref.group, thing.ref.kind), change.action == "renamed"
    if kind == ("", "Namespace"):
        yield Impact(Level.DANGEROUS, "namespace", f"{thing.ref} is deleted with everything in it", thing.ref)
    elif thing.ref.kind == "CustomResourceDefinition":
        yield Impact(Level.DANGEROUS, "definition", f"{_defined(thing)} is defined no more: every object of the kind is deleted", thing.ref)
    elif kind in _DATA:
        yield Impact(Level.DANGEROUS, "data", f"{thing.ref} is deleted, and its data with it{_comes(change)}", thing.ref)
    elif thing.ref.kind == "StatefulSet" and items(thing.get("spec", "volumeClaimTemplates")):
        yield Impact(Level.DANGEROUS, "data", f"{thing.ref} is deleted; {_claims(thing)}{_comes(change)}", thing.ref)
    elif thing.ref.kind in ("HelmRelease", "Kustomization"):
        yield Impact(Level.DANGEROUS if not renamed else Level.CAREFUL, "uninstalled", f"{thing.ref} goes, and what it applied with it", thing.ref)
    elif thing.ref.kind in _BACKUPS:
        yield Impact(Level.DANGEROUS, "backup", f"{thing.ref} goes: what it backed up is backed up no more{_comes(change)}", thing.ref)
    elif renamed:
        yield Impact(Level.CAREFUL, "renamed", f"{thing.ref} is deleted, and {change.ref} made in its place", thing.ref)
    elif thing.ref.kind in _RUNNING:
        yield Impact(Level.CAREFUL, "deleted", f"{thing.ref} is deleted", thing.ref)


def _comes(change: Change) -> str:
    return f"; {change.ref} begins empty in its place" if change.action == "renamed" else ""


def _claims(thing: RenderedObject) -> str:
    policy = thing.get("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    return "its claims go with it" if policy == "Delete" else "its claims stay"


def _defined(thing: RenderedObject) -> str:
    kind = thing.get("spec", "names", "kind")
    return f"{kind if isinstance(kind, str) else thing.ref.name} of {thing.get('spec', 'group')}"


def definitions(change: Change, _where: Where) -> Iterator[Impact]:
    """Versions of a kind that are served no more."""
    if change.ref.kind != "CustomResourceDefinition" or not change.before or not change.after:
        return
    before, after = _versions(change.before), _versions(change.after)
    for version in sorted(before - after):
        yield Impact(Level.DANGEROUS, "definition", f"{_defined(change.after)}: version {version} is served no more")


def _versions(thing: RenderedObject) -> set[str]:
    return {str(version.get("name")) for version in items(thing.get("spec", "versions")) if version.get("served") is True}


def handed_over(change: Change, where: Where) -> Iterator[Impact]:
    """Objects that another reconciler applies from now on."""
    if not change.before or not change.after or change.before.reconciler == change.after.reconciler or change.action == "renamed":
        return
    old, new = change.before.reconciler, change.after.reconciler
    level = Level.ROUTINE if where.stays(change) else Level.CAREFUL
    tail = "" if level is Level.ROUTINE else ": if the former prunes first, it is deleted and made anew"
    yield Impact(level, "handed-over", f"{new} applies it instead of {old}{tail}")


TELLING = (gone, definitions, handed_over)
