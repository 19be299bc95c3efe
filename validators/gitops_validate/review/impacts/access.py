"""Who may do what: roles that allow more, and bindings that let more people in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review.where import Where
from gitops_validate.workloads.pods import items

Permission = tuple[str, str, str, str]
"""Group (or URL), resource, name and verb; `*` stands for all."""
_MANY = 20_000
_GRAVE = frozenset({"escalate", "bind", "impersonate"})
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
_POWERFUL = frozenset({"apps", "batch", "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io"})
"""Groups of Kubernetes whose objects, written, make pods or let in what was refused. Those of others hold what their controllers make of it."""
_ADMINISTRATORS = frozenset({"cluster-admin"})


def roles(change: Change, _where: Where) -> Iterator[Impact]:
    """Permissions that were not there before."""
    if change.ref.kind not in ("Role", "ClusterRole") or change.after is None or change.ref.group != "rbac.authorization.k8s.io":
        return
    before, after = _permissions(change.before), _permissions(change.after)
    more = sorted(each for each in after if not any(_covers(other, each) for other in before))
    if not more:
        return
    grave = [each for each in more if _is_grave(each)]
    level = Level.DANGEROUS if grave else Level.CAREFUL if change.before else Level.ROUTINE
    shown = _said([*grave, *(each for each in more if each not in grave)])
    verb = "also allows" if change.before else "allows"
    yield Impact(level, "access", f"{verb} {'; '.join(shown[:3])}{f' and {len(shown) - 3} more' if len(shown) > 3 else ''}")


def _permissions(thing: RenderedObject | None) -> set[Permission]:
    found: set[Permission] = set()
    for rule in items(thing.get("rules")) if thing else ():
        names = _list(rule.get("resourceNames")) or ["*"]
        found |= set(product(_list(rule.get("apiGroups")), _list(rule.get("resources")), names, _list(rule.get("verbs"))))
        found |= {("", "/*" if url == "*" else url, "*", verb) for url in _list(rule.get("nonResourceURLs")) for verb in _list(rule.get("verbs"))}
        if len(found) > _MANY:
            break
    return found


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _covers(wide: Permission, narrow: Permission) -> bool:
    return all(one in ("*", other) for one, other in zip(wide, narrow, strict=True))


def _is_grave(permission: Permission) -> bool:
    """What leads to everything else: any resource of Kubernetes' own, any verb on Secrets or roles, tokens, and the verbs that RBAC itself treats apart."""
    group, resource, name, verb = permission
    reads = verb in ("get", "list", "watch")
    if resource == "*":
        return group in ("", "*") or (group in _POWERFUL and not reads)
    secrets = resource == "secrets" and (verb == "*" or reads) and name == "*"
    tokens = resource == "serviceaccounts/token" and verb in ("*", "create")
    return (
        verb in _GRAVE or (verb == "*" and resource in ("roles", "clusterroles", "pods", "secrets")) or secrets or tokens or resource == "pods/exec"
    )


def _said(permissions: Iterable[Permission]) -> list[str]:
    """Permissions in words, all verbs on the same thing together; those that come first first."""
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for group, resource, name, verb in permissions:
        verbs.setdefault((group, resource, name), []).append(verb)
    return [f"{'every verb' if '*' in each else ', '.join(each)} on {_what(*thing)}" for thing, each in verbs.items()]


def _what(group: str, resource: str, name: str) -> str:
    if resource == "*":
        return "everything" if group == "*" else f"everything of {group or 'the core group'}"
    return f"{resource}{f'.{group}' if group not in ('', '*') else ''}{f' {name}' if name != '*' else ''}"


def bindings(change: Change, _where: Where) -> Iterator[Impact]:
    """Subjects that get a role, and roles that take the place of others."""
    if change.ref.kind not in ("RoleBinding", "ClusterRoleBinding") or change.after is None:
        return
    role = change.after.get("roleRef", "name")
    before, after = _subjects(change.before), _subjects(change.after)
    admin = role in _ADMINISTRATORS
    if change.before and change.action != "renamed" and change.before.get("roleRef") != change.after.get("roleRef"):
        old = change.before.get("roleRef", "name")
        yield Impact(Level.DANGEROUS, "access", f"gives {role} instead of {old}: a binding's role cannot be changed, the update is refused")
    for subject in sorted(after - before):
        level = Level.DANGEROUS if admin or subject.startswith("Group system:") else Level.CAREFUL if change.before else Level.ROUTINE
        yield Impact(level, "access", f"gives {role} to {subject}")


def _subjects(thing: RenderedObject | None) -> set[str]:
    found = items(thing.get("subjects")) if thing else []
    return {f"{one.get('kind')} {'/'.join(str(one[key]) for key in ('namespace', 'name') if one.get(key))}" for one in found}


def aggregated(change: Change, _where: Where) -> Iterator[Impact]:
    """Roles that become part of others, and roles that are put together of others than before."""
    if change.ref.kind != "ClusterRole" or change.after is None or change.ref.group != "rbac.authorization.k8s.io":
        return
    for role in sorted(_parts_of(change.after) - _parts_of(change.before)):
        yield Impact(Level.CAREFUL if change.before else Level.ROUTINE, "access", f"becomes part of {role}: whoever has that gets what it allows")
    if change.before and change.before.get("aggregationRule") != change.after.get("aggregationRule"):
        yield Impact(Level.CAREFUL, "access", "is put together of other roles than before", field="aggregationRule")


def _parts_of(thing: RenderedObject | None) -> set[str]:
    labels = thing.get("metadata", "labels") if thing else None
    found = labels.items() if isinstance(labels, dict) else ()
    return {str(key).removeprefix(_AGGREGATE) for key, value in found if str(key).startswith(_AGGREGATE) and value == "true"}


TELLING = (roles, bindings, aggregated)
