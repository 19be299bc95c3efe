from __future__ import annotations

from gitops_validate.building import link
from gitops_validate.judging.causes import failure, may_exist
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.model.render import InObject, Reconciler, Render, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_source_ref(reconciler: Reconciler, render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A Kustomization or HelmRelease names a source that nothing declares.

    Without its GitRepository, OCIRepository, HelmRepository or Bucket, Flux has nothing to build from: the reconciler reports that its source
    is not ready and waits for ever. Often the name is misspelt, or the source lies in another namespace than the reference says.

    **Avoid**

    ```yaml clusters/dev/cache.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: charts
      namespace: flux-system
    spec:
      interval: 1h
      url: https://charts.example
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: cache
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: cache
          version: 1.2.3
          sourceRef:
            kind: HelmRepository
            name: chart # finding
    ```

    **Prefer**

    ```yaml clusters/dev/cache.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: cache
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/cache
          sourceRef:
            kind: GitRepository
            name: flux-system
    ```

    ```yaml charts/cache/Chart.yaml
    apiVersion: v2
    name: cache
    version: 1.2.3
    ```
    """
    found, source = failure(render, rendered, repo), render.source
    if found is None or found.reason != "dangling-source" or (source and may_exist(source, rendered, repo)):
        return
    yield Problem(_reference(reconciler, rendered, source), f"{reconciler.ref} cannot be built: {found.message}", _fix(source, rendered))


def _reference(reconciler: Reconciler, rendered: Rendered, source: ReconcilerRef | None) -> InObject | Place:
    """The name in the sourceRef or chartRef, of the reconciler itself or of the HelmChart that it refers to."""
    named = link.source(reconciler)
    chart = rendered.by_kind.get((named.kind, named.namespace, named.name)) if named and named != source else None
    if chart:
        return chart.at("spec", "sourceRef", "name")
    for steps in (("chartRef",), ("chart", "spec", "sourceRef")):
        if steps[0] in reconciler.spec:
            return reconciler.at(*steps, "name")
    return reconciler.at("sourceRef", "name")


def _fix(source: ReconcilerRef | None, rendered: Rendered) -> str:
    if source is None:
        return ""
    declared = [ref for ref in (each.ref for each in rendered.objects) if ref.kind == source.kind]
    elsewhere = sorted({ref.namespace for ref in declared if ref.name == source.name} - {source.namespace})
    if elsewhere:
        return f"there is one in the namespace {elsewhere[0]}: add `namespace: {elsewhere[0]}`"
    return did_you_mean(source.name, (ref.name for ref in declared)) or f"declare {source}, or name one that exists"
