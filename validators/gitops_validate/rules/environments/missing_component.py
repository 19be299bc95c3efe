from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec import Struct

from gitops_validate.config import Config
from gitops_validate.model.finding import Problem, Severity, Spot
from gitops_validate.model.manifest import Repo
from gitops_validate.model.outline import Thing
from gitops_validate.model.place import At, Place
from gitops_validate.parity.declared import ALL
from gitops_validate.parity.fleet import Fleet, Key
from gitops_validate.parity.said import listed
from gitops_validate.placing.kustomization import NAMES
from gitops_validate.rule import Problems, rule

MOST = 4
"""Objects that are named; the others are counted."""


class Gap(Struct, frozen=True):
    """An object that some environments have and others do not."""

    things: Mapping[str, Thing]
    lacking: tuple[str, ...]


@rule(Severity.WARNING)
def missing_component(fleet: Fleet, config: Config, repo: Repo) -> Problems:
    """A component that one environment has and another has not.

    What prod gets for the first time has been tried nowhere, and what only dev has protects nobody. Told only where `.gitops-validate.yaml` has a section
    `differ`: an entry that names an object and no fields declares that it may be missing, with all that it brings. Objects of one reconciler are told together.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    differ: []
    ```

    ```yaml apps/base/web.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      a: b
    ```

    ```yaml apps/base/kustomization.yaml
    resources:
      - web.yaml
    ```

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../apps/base
    ```

    ```yaml clusters/prod/kustomization.yaml
    resources:
      - ../../apps/base
      - policy.yaml
    ```

    ```yaml clusters/prod/policy.yaml
    apiVersion: networking.k8s.io/v1 # finding
    kind: NetworkPolicy
    metadata:
      name: web
      namespace: default
    spec:
      podSelector: {}
      policyTypes:
        - Ingress
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    differ:
      - object: ConfigMap/default/playground
        environments: [dev]
        reason: people try things out there
    ```

    ```yaml apps/base/policy.yaml
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: web
      namespace: default
    spec:
      podSelector: {}
      policyTypes:
        - Ingress
    ```

    ```yaml apps/base/kustomization.yaml
    resources:
      - policy.yaml
    ```

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../apps/base
      - playground.yaml
    ```

    ```yaml clusters/dev/playground.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: playground
      namespace: default
    data:
      a: b
    ```

    ```yaml clusters/prod/kustomization.yaml
    resources:
      - ../../apps/base
    ```
    """
    if config.differ is None:
        return
    together: dict[tuple[str, tuple[str, ...]], list[Gap]] = {}
    for gap in _gaps(fleet):
        home = next(iter(gap.things))
        together.setdefault((gap.things[home].reconciler, gap.lacking), []).append(gap)
    for (_, lacking), gaps in together.items():
        yield _problem(fleet, repo, lacking, gaps)


def _gaps(fleet: Fleet) -> Iterator[Gap]:
    """The objects that are missing somewhere, each unless what applies it is missing there too, or may have it."""
    called = {(name, thing.ref): key for key, things in fleet.things.items() for name, thing in things.items()}
    for things in fleet.things.values():
        exempt = {name for thing in things.values() for name in thing.presence}
        home = next((name for name in things if name not in exempt), "")
        lacking = [each.name for each in fleet.environments if each.name not in {*things, *exempt}] if home and ALL not in exempt else []
        lacking = [name for name in lacking if not fleet.unknown(name, things[home], home) and not _above(fleet, called, home, things[home], name)]
        if lacking:
            yield Gap({name: things[name] for name in things if name not in exempt}, tuple(lacking))


def _above(fleet: Fleet, called: Mapping[tuple[str, str], Key], home: str, thing: Thing, name: str) -> bool:
    """Whether something that applies an object is missing in an environment, too: that is told already, or declared."""
    above = (called[home, ref] for ref in fleet.chain(home, thing) if (home, ref) in called and ref != thing.ref)
    return any(name not in fleet.things[key] for key in above)


def _problem(fleet: Fleet, repo: Repo, lacking: tuple[str, ...], gaps: list[Gap]) -> Problem:
    having = list(gaps[0].things)
    home, ref = having[0], gaps[0].things[having[0]].ref
    named = [gap.things[home].ref for gap in gaps if home in gap.things]
    words = listed(named) if len(named) <= MOST else f"{', '.join(named[:MOST])} and {len(named) - MOST} others"
    verb = "is" if len(named) == 1 else "are"
    fix = f"bring it to all, through the base, or declare it under `differ`: {{object: {ref}, reason: …}}"
    spot, where = _spot(fleet, repo, home, gaps[0].things[home], lacking[0] if len(lacking) < len(having) else "")
    return Problem(spot, f"{words} {verb} in {listed(having)}, and not in {listed(lacking)}", fix, environment=where, object=None)


def _spot(fleet: Fleet, repo: Repo, home: str, thing: Thing, odd: str) -> tuple[Spot, str]:
    """Where the object is written; where it should be named if only few lack it."""
    found = fleet.object(home, thing)
    render = next((each for each in fleet.look(odd).renders if str(each.reconciler.ref) == thing.reconciler), None) if odd else None
    paths = [posixpath.normpath(f"{render.path or '.'}/{name}") for name in NAMES] if render else []
    for path in paths:
        if path in repo.digests:
            return At(path, 0, ("resources",)), odd
    return found.at() if found else Place(fleet.look(home).environment.path, precision="file"), home
