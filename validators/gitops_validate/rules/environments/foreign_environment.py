from __future__ import annotations

from collections.abc import Mapping

from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.outline import Reference
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.own import word
from gitops_validate.parity.references import references
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def foreign_environment(fleet: Fleet, repo: Repo) -> Problems:
    """A reference from one environment into another.

    A folder, a host, a bucket or a namespace that belongs to another environment, often left from a copy: what is done to one happens to the other. Told are
    folders named after another environment where the own one has its counterpart, hosts that are served under another one's `domain`, and buckets and
    namespaces of another one's name that both have. Recipients of encrypted files are the concern of `recipients-differ`.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod # finding
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    ```yaml apps/prod/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/dev
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/prod
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    ```yaml apps/prod/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```
    """
    held = {each.name: frozenset(fleet.outlines[each.name].references) for each in fleet.environments}
    for environment in fleet.environments:
        foreign = {reference: other for reference in held[environment.name] if (other := _home(reference, environment, fleet, held, repo))}
        for reference, spot in references(fleet.look(environment.name)) if foreign else ():
            if other := foreign.pop(reference, ""):
                message = f"{environment.name} has the {reference.kind} {reference.text}, which is that of {other}"
                yield Problem(spot, message, f"name that of {environment.name}", environment=environment.name)


def _home(reference: Reference, here: Environment, fleet: Fleet, held: Mapping[str, frozenset[Reference]], repo: Repo) -> str:
    """The environment that a reference leads into, "" if it certainly leads into no other."""
    if reference.kind == "host":
        owner = max((each for each in fleet.environments if _is_under(reference.text, each.domain)), key=lambda each: len(each.domain), default=here)
        return "" if owner.domain == here.domain else owner.name
    for other in fleet.environments:
        own = _counterpart(reference.text, here, other)
        if own and _is_known(Reference(reference.kind, own), reference, here, other, held, repo):
            return other.name
    return ""


def _counterpart(text: str, here: Environment, other: Environment) -> str:
    """What a text that names another environment would be if it named this one; "" if it does not, or names this one as well."""
    if other.name == here.name or word(here.name).search(text):
        return ""
    named = word(other.name).sub(lambda _: here.name, text)
    return named if named != text else ""


def _is_known(
    own: Reference, reference: Reference, here: Environment, other: Environment, held: Mapping[str, frozenset[Reference]], repo: Repo
) -> bool:
    """Whether there is reason to believe that the own one was meant: it is there, or only these two share the other's."""
    sharing = [name for name, found in held.items() if reference in found]
    if reference.kind == "path":
        return any(path.startswith(f"{own.text}/") for path in repo.digests)
    if sorted(sharing) != sorted([here.name, other.name]):
        return False
    return reference.kind == "bucket" or own in held[here.name]


def _is_under(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
