from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.building import link
from gitops_validate.building.reading import TEMPLATED, Reading, paths
from gitops_validate.building.targets import IDENTITY, SELECTORS, Candidates, candidates, targets
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.placing.kustomization import is_kustomization, patch_files, reach
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def idle_patch(repo: Repo, reading: Reading) -> Problems:
    """A patch, or a replacement, whose target is nothing that the build has.

    kustomize passes over it in silence: whoever wrote it believes that something is set, and the cluster runs without it. A patch without a target that
    finds nothing is an error of the build instead. Names are patterns of the whole name. A component is held against everything that includes it, and
    a Kustomization's patch for all objects of a kind against the whole checkout, for it may be the same in all of them.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      patches:
        - target:
            kind: ConfigMap
            name: setting # finding
          patch: |
            - op: add
              path: /data/REGION
              value: north
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: default
    resources:
      - settings.yaml
    patches:
      - target:
          kind: ConfigMap
          labelSelector: app=web # finding
        patch: |
          - op: add
            path: /data/LOG_FORMAT
            value: json
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels:
        app: shop
    data:
      LOG_LEVEL: info
    ```

    **Prefer**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      patches:
        - target:
            kind: ConfigMap
            name: settings
          patch: |
            - op: add
              path: /data/REGION
              value: north
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: default
    resources:
      - settings.yaml
    patches:
      - target:
          kind: ConfigMap
          labelSelector: app=shop
        patch: |
          - op: add
            path: /data/LOG_FORMAT
            value: json
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels:
        app: shop
    data:
      LOG_LEVEL: info
    ```
    """
    found = [(manifest, prefix, list(targets(fields))) for manifest, fields, prefix in _patching(repo, reading)]
    every = candidates(repo, repo.files) if any(prefix and held for _, prefix, held in found) else None
    merged = _merged(repo, reading) if any(held for *_, held in found) else frozenset()
    for manifest, prefix, held in found:
        there = _there(repo, reading, manifest) if held else None
        for route, target in held if there and there.objects else ():
            named = any(target.get(key) for key in ("name", *SELECTORS))
            may_mean = there if named or not prefix else every
            known = any(part in str(target) for part in TEMPLATED) or (str(target.get("kind")), str(target.get("name"))) in merged
            if there and may_mean and not known and not may_mean.match(target):
                yield _problem(manifest, (*prefix, *route), target, there)


def _merged(repo: Repo, reading: Reading) -> frozenset[tuple[str, str]]:
    """The kinds and names of patches that have no target, in files of their own: where they find nothing the build fails, and that is said."""
    files = {patch for path in reading.files if is_kustomization(path) for patch in patch_files(repo, path) if patch in repo.files}
    return frozenset((each.ref.kind, each.ref.name) for path in files for each in repo.files[path].manifests if each.ref)


def _problem(manifest: Manifest, route: Route, target: Mapping[str, Any], there: Candidates) -> Problem:
    key = _guilty(there, target)
    near = did_you_mean(str(target[key]), (getattr(each.ref, key) for each in there.objects)) if key in ("kind", "name") else ""
    return Problem(manifest.at(*route, *filter(None, [key])), f"nothing that is built here is {_said(target)}", near or "correct it, or remove it")


def _patching(repo: Repo, reading: Reading) -> Iterator[tuple[Manifest, Mapping[str, Any], Route]]:
    """What holds patches: kustomizations that are read, and Flux's Kustomizations, with the route to the fields that these have in common."""
    for path in sorted(reading.files & repo.files.keys()):
        for manifest in repo.files[path].manifests:
            match manifest.data:
                case {"apiVersion": str(version), "kind": "Kustomization", "spec": {"path": str(), "patches": list()} as spec} if version.startswith(
                    link.KUSTOMIZE
                ):
                    yield manifest, spec, ("spec",)
                case dict() as fields if is_kustomization(path):
                    yield manifest, fields, ()


def _there(repo: Repo, reading: Reading, manifest: Manifest) -> Candidates | None:
    """The objects that the patches of a kustomization, or of a reconciler, may mean: for a component those of all that include it."""
    match manifest.data:
        case {"kind": "Component"}:
            including = [files for build in reading.builds if manifest.path in (files := reach(repo, *build))]
            return candidates(repo, {path for files in including for path in files}) if including else None
        case {"spec": dict()}:
            return candidates(repo, reach(repo, *paths(manifest)))
    folder = posixpath.dirname(manifest.path) or "."
    return candidates(repo, reach(repo, folder, *(path for build in reading.builds if folder in build for path in build)))


def _guilty(there: Candidates, target: Mapping[str, Any]) -> str:
    """The field of a target without which it would find something."""
    given = [key for key in (*SELECTORS, *reversed(IDENTITY)) if target.get(key)]
    alone = (key for key in given if there.match({other: value for other, value in target.items() if other != key}))
    return next(alone, "kind" if target.get("kind") else next(iter(given), ""))


def _said(target: Mapping[str, Any]) -> str:
    """A target in words."""
    named = "/".join(str(target[key]) for key in ("kind", "namespace", "name") if target.get(key))
    marks = ", ".join(f"{key} {target[key]}" for key in SELECTORS if target.get(key))
    return " with ".join(part for part in (named or "an object", marks) if part)
