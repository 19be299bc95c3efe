from __future__ import annotations

from difflib import get_close_matches

from gitops_validate.building import link
from gitops_validate.building.link import Reference
from gitops_validate.judging.causes import failure, may_exist
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import route
from gitops_validate.model.render import Failure, FluxKustomization, InObject, Render, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.pending import absent

KINDS = ("ConfigMap", "Secret")
CLOSE = 0.9
"""How like the name of what is there that has to be which is not, from 0 to 1."""
NO_YAML = "error converting YAML to JSON"


@rule(Severity.ERROR)
def dangling_values_from(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """Values that are taken from a ConfigMap or Secret that does not have them.

    An entry of spec.valuesFrom names an object that nothing declares, or a key that the object does not have. Unless the entry is optional,
    helm-controller does not install or upgrade the release.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web-values
      namespace: flux-system
    data:
      values.yaml: |
        host: web.example
    ---
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
      valuesFrom:
        - kind: ConfigMap
          name: web-value # finding
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```yaml charts/web/values.yaml
    host: localhost
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web-values
      namespace: flux-system
    data:
      values.yaml: |
        host: web.example
    ---
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
      valuesFrom:
        - kind: ConfigMap
          name: web-values
    ```

    ```yaml charts/web/Chart.yaml
    apiVersion: v2
    name: web
    version: 1.0.0
    ```

    ```yaml charts/web/values.yaml
    host: localhost
    ```
    """
    if isinstance(render.reconciler, FluxKustomization):
        yield from _of_variables(render.reconciler, rendered, repo)
        return
    found = failure(render, rendered, repo)
    if found is None or found.reason != "values-from":
        return
    steps, fix = route(found.field.removeprefix("/spec")), ""
    waiting = {("Secret", each.namespace, each.name) for each in absent(repo, rendered.environment.name)}
    for index, reference in enumerate(link.inputs(render.reconciler)):
        if _is_named(reference, found):
            steps = ("valuesFrom", index, *(("valuesKey",) if found.message.endswith("key not found") else ()))
            if reference.identity not in rendered.by_kind and reference.identity not in waiting:
                if may_exist(ReconcilerRef(*reference.identity), rendered, repo):
                    return
                steps, fix = ("valuesFrom", index, "name"), _near(reference, rendered)
            break
    yield Problem(
        _unreadable(found, steps, render, rendered) or render.reconciler.at(*steps),
        f"{render.reconciler.ref} cannot be rendered: {found.message}",
        fix,
    )


def _of_variables(kustomization: FluxKustomization, rendered: Rendered, repo: Repo) -> Problems:
    """What variables are taken from may be made by whoever bootstraps the cluster, but not under nearly the name of what the repository brings."""
    held = [name for kind, namespace, name in rendered.by_kind if kind in KINDS and namespace == kustomization.ref.namespace]
    for index, reference in enumerate(link.inputs(kustomization)):
        missing = reference.identity not in rendered.by_kind and not reference.optional
        near = (
            get_close_matches(reference.name, held, 1, CLOSE) if missing and not may_exist(ReconcilerRef(*reference.identity), rendered, repo) else []
        )
        if near:
            spot = kustomization.at("postBuild", "substituteFrom", index, "name")
            yield Problem(spot, f"{kustomization.ref} takes variables from {reference}, which nothing brings", f"did you mean {near[0]}?")


def _is_named(reference: Reference, found: Failure) -> bool:
    """Whether a failure is one of this entry. The engine counts only those whose values are known."""
    asked = f" {reference.kind} chart values reference '{reference.namespace}/{reference.name}' with key '{reference.key or 'values.yaml'}': "
    return asked in found.message


def _unreadable(found: Failure, steps: Route, render: Render, rendered: Rendered) -> InObject | None:
    """The key of a ConfigMap that holds values which are no YAML."""
    index = steps[1] if NO_YAML in found.message and len(steps) > 1 else -1
    for number, reference in enumerate(link.inputs(render.reconciler)):
        held = rendered.by_kind.get(reference.identity) if number == index and reference.kind == "ConfigMap" else None
        if held:
            return held.at("data", reference.key or "values.yaml")
    return None


def _near(reference: Reference, rendered: Rendered) -> str:
    names = (name for kind, namespace, name in rendered.by_kind if (kind, namespace) == (reference.kind, reference.namespace))
    return did_you_mean(reference.name, names) or f"declare {reference}, or mark the entry as optional"
