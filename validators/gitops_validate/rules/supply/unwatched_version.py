from __future__ import annotations

import re

from gitops_validate.building import link
from gitops_validate.existing.loose import dig, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.placing.routes import Route
from gitops_validate.renovate import watching
from gitops_validate.rule import Problems, rule

FIELDS: dict[tuple[str, str], Route] = {
    (link.HELM, "HelmRelease"): ("spec", "chart", "spec", "version"),
    (link.SOURCE, "OCIRepository"): ("spec", "ref", "tag"),
    (link.SOURCE, "GitRepository"): ("spec", "ref", "tag"),
    (link.OPERATOR, "FluxInstance"): ("spec", "distribution", "version"),
}
"""Where objects of Flux name a version."""


@rule(Severity.INFO)
def unwatched_version(repo: Repo) -> Problems:
    """A version that Renovate does not look at.

    Renovate's manager for Flux reads `gotk-components.yaml` only, unless its file patterns say more, and the one for Kubernetes reads nothing: the version
    stays as it is until somebody remembers it. Not judged are configurations that extend presets of your own.

    **Avoid**

    ```json renovate.json
    {
      "extends": ["config:recommended"]
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      ref:
        tag: 1.4.2 # finding
    ```

    **Prefer**

    ```json renovate.json
    {
      "extends": ["config:recommended"],
      "flux": {"managerFilePatterns": ["clusters/**/*.yaml"]}
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      ref:
        tag: 1.4.2
    ```
    """
    watched = watching(repo)
    for manifest in repo.manifests if watched is not None else ():
        route, said = _version(manifest)
        if route and not any(pattern.matches(manifest.path) for pattern in watched or ()):
            fix = "add the file to `managerFilePatterns` of a manager"
            yield Problem(manifest.at(*route), f"Renovate does not look at {said} of {manifest.ref}", fix)


def _version(manifest: Manifest) -> tuple[Route, str]:
    """Where a manifest names one version of what somebody else publishes, and which; nothing if it does not."""
    route = FIELDS.get((manifest.ref.group, manifest.ref.kind), ()) if manifest.ref else ()
    said = text(dig(manifest.data, *route)) if route else ""
    return (route, said) if re.match(r"v?[0-9]", said) else ((), "")
