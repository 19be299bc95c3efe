from __future__ import annotations

from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Failure, Render, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule

_NEVER = "annotate it with kustomize.toolkit.fluxcd.io/substitute: disabled, as Flux does with its own: it only speaks of variables"


@rule(Severity.ERROR)
def unset_variable(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A variable that is substituted and that nothing sets.

    With spec.postBuild, Flux replaces every `${name}` in what it builds. Since Flux 2.9 a name without a value and without a default stops the
    Kustomization; before, it silently became nothing, which emptied-variable tells where the environment says that it runs such a Flux. Scripts and dashboards that mean another `${…}` are hit just the same: write `$${…}`
    there, or annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`.

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
      sourceRef:
        kind: GitRepository
        name: flux-system
      postBuild:
        substitute:
          domain: dev.example
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      host: web.${domian} # finding
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
      sourceRef:
        kind: GitRepository
        name: flux-system
      postBuild:
        substitute:
          domain: dev.example
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      host: web.${domain}
    ```
    """
    found = failure(render, rendered, repo)
    if found and found.reason == "unset-variable":
        yield Problem(place(found, render, repo, "postBuild"), found.message, ways(found, render))


def ways(found: Failure, render: Render) -> str:
    """What can be done about a variable that nothing sets."""
    name = found.field
    return near(name, render) or (_NEVER if found.message.startswith("CustomResourceDefinition/") else _ways(name))


def _ways(name: str) -> str:
    return f"set {name} in spec.postBuild, give it a default (${{{name}:=…}}), or escape it ($${{{name}}})"


def near(name: str, render: Render) -> str:
    """A variable with a similar name that is set in place."""
    post_build = render.reconciler.spec.get("postBuild")
    inline = post_build.get("substitute") if isinstance(post_build, dict) else None
    return did_you_mean(name, inline if isinstance(inline, dict) else ())
