from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import InValues, Render
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def unknown_values_key(render: Render) -> Problems:
    """A values key that nothing in the chart reads.

    Helm ignores it without a word: the setting that somebody relies on, a limit or a replica count, is not in effect. It is misspelt, in
    the wrong place, or left over from an older version of the chart. A key counts as read if values.yaml or the schema has it, or a template
    uses it or hands over something that contains it.

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
      values:
        hots: web.example # finding
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```yaml charts/web/values.yaml
    host: localhost
    ```

    ```yaml charts/web/templates/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Release.Name }}
    data:
      host: {{ .Values.host }}
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

    ```yaml charts/web/values.yaml
    host: localhost
    ```

    ```yaml charts/web/templates/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Release.Name }}
    data:
      host: {{ .Values.host }}
    ```
    """
    release = render.reconciler.object
    chart = render.chart.partition("@")[0] or "the chart"
    refused = render.failure is not None and render.failure.reason == "values-schema"  # told by invalid-values, and often of the same key
    for pointer in render.unused_values if release and not refused else ():
        assert release
        steps = route(pointer)
        yield Problem(InValues(release, steps), f"nothing in {chart} reads the values key {dotted(steps)}", "remove it, or correct its name")
