from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import InObject
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.own import Own
from gitops_validate.parity.said import listed
from gitops_validate.parity.versions import ahead, versions
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def version_ahead(fleet: Fleet) -> Problems:
    """A version that a later environment runs before an earlier one.

    The order of promotion is that of `environments` in `.gitops-validate.yaml`. Nothing of what runs in the later environment has been tried in the earlier
    one, and the next promotion takes it back. Compared are versions of charts, sources and images whose numbers tell which one is newer.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    environments:
      dev: {}
      prod: {}
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.2
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.5.0 # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    environments:
      dev: {}
      prod: {}
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.5.0
    ```

    ```yaml clusters/prod/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.2
    ```
    """
    for (owner, name), held in _named(fleet).items() if fleet.ordered else ():
        for environment, behind in _ahead(held):
            earlier = f"{listed(behind)}, which {'comes' if len(behind) == 1 else 'come'} before it,"
            message = f"{name} is {held[environment]} in {environment}, and {held[behind[0]]} in {earlier} in the order of promotion"
            spot = _spot(fleet, environment, owner, name)
            if spot:
                yield Problem(spot, message, f"bring {held[environment]} to {listed(behind)} first", environment=environment)


def _named(fleet: Fleet) -> Mapping[tuple[str, str], dict[str, str]]:
    """By what runs and what it is a version of: the version of each environment, where it is one alone."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for environment in fleet.environments:
        own: dict[tuple[str, str], set[str]] = {}
        for version in fleet.outlines[environment.name].versions:
            own.setdefault((version.owner, version.name), set()).add(version.version)
        for key, said in own.items():
            if len(said) == 1:
                found.setdefault(key, {})[environment.name] = said.pop()
    return found


def _ahead(held: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Each environment whose version is newer than that of earlier ones, with these; those of one version only once."""
    told = set()
    names = list(held)
    for index, name in enumerate(names):
        behind = [earlier for earlier in names[:index] if ahead(held[name], held[earlier])]
        behind = [earlier for earlier in behind if held[earlier] == held[behind[-1]]]
        if behind and held[name] not in told:
            told.add(held[name])
            yield name, behind


def _spot(fleet: Fleet, environment: str, owner: str, name: str) -> InObject | None:
    rendered = fleet.look(environment)
    found = (spot for version, spot in versions(rendered, Own(rendered.environment)) if (version.owner, version.name) == (owner, name))
    return next(found, None)
