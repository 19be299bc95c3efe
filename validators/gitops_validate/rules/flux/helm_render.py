from __future__ import annotations

import posixpath

from gitops_validate.judging.causes import NAMED, failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import route
from gitops_validate.model.render import Failure, HelmRelease, Render, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def helm_render(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A HelmRelease whose chart cannot be loaded or rendered.

    helm-controller tries again and again, and the release stays at its last version, or never comes up at all. The chart is rendered here as
    helm-controller renders it: with the release's values, the environment's Kubernetes version and the APIs that its definitions bring.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/web
          sourceRef:
            kind: GitRepository
            name: flux-system
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```yaml charts/web/templates/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Release.Name }}
    data:
      host: {{ required "a host is needed" .Values.host }} # finding
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: web
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/web
          sourceRef:
            kind: GitRepository
            name: flux-system
      values:
        host: web.example
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```yaml charts/web/templates/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Release.Name }}
    data:
      host: {{ required "a host is needed" .Values.host }}
    ```
    """
    found = failure(render, rendered, repo)
    if found and isinstance(render.reconciler, HelmRelease) and found.reason not in NAMED:
        message = f"{render.reconciler.ref} cannot be rendered: {found.message}"
        field = route(found.field)[1:] if found.field.startswith("/spec/") else ()
        named = ("chartRef",) if "chartRef" in render.reconciler.spec else ("chart", "spec", "chart")
        yield Problem(place(found, render, repo, *(field or named)), message, _moved(found, repo))


def _moved(found: Failure, repo: Repo) -> str:
    """Where a chart lies that is not where it is looked for: one of the same name, or of nearly the same."""
    if found.reason != "chart-load" or found.path in repo.folders:
        return ""
    charts = {posixpath.dirname(path) for path in repo.digests if posixpath.basename(path) == "Chart.yaml"}
    same = sorted(path for path in charts if posixpath.basename(path) == posixpath.basename(found.path))
    return f"did you mean {same[0]}?" if same else did_you_mean(found.path, charts)
