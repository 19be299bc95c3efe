from __future__ import annotations

from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import route
from gitops_validate.model.render import InValues, Render, Rendered
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def invalid_values(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """Values that the chart's own schema refuses.

    A chart may bring a values.schema.json. helm-controller checks the merged values against it before it renders anything, so one wrong type
    stops the install or the upgrade.

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
        port: http # finding
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```json charts/web/values.schema.json
    {"type": "object", "properties": {"port": {"type": "integer"}}}
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
        port: 8080
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```json charts/web/values.schema.json
    {"type": "object", "properties": {"port": {"type": "integer"}}}
    ```
    """
    found, release = failure(render, rendered, repo), render.reconciler.object
    if found and release and found.reason == "values-schema":
        yield Problem(InValues(release, route(found.field)), f"{render.reconciler.ref} cannot be rendered: {found.message}")
