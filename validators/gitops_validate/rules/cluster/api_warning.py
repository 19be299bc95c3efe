from __future__ import annotations

import re

from gitops_validate.existing import Existing
from gitops_validate.judging.hide import without_secrets
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject, Verdict
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule

FIELD = re.compile(r"\A((?:metadata|spec|data|template)(?:\.[A-Za-z0-9]+|\[[^\]\s]+\])*): ")
CLASS = re.compile(r'refused unless the cluster has a PriorityClass "([^"]*)"')
STEP = re.compile(r"\.?([A-Za-z0-9]+)|\[(\d+)\]|\[([^\[\]]+)\]")


@rule(Severity.WARNING)
def api_warning(verdict: Verdict, existing: Existing) -> Problems:
    """An object that the API server accepts with a warning.

    It is applied, and probably does not do what its author thinks: a field that has no effect any more, an entry that another one hides.
    `kubectl` prints such a warning to whoever types; a reconciler drops it, so that nobody sees it. Warnings about a chart's own
    definitions are left out: who writes the chart can mend them, and who installs it cannot. So are those about encrypted values.

    **Avoid**

    ```yaml clusters/dev/agent.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: agent
      namespace: default
    spec:
      nodeSelector:
        beta.kubernetes.io/os: linux # finding
      containers:
        - name: agent
          image: registry.example/agent:2.0.0
    ```

    **Prefer**

    ```yaml clusters/dev/agent.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: agent
      namespace: default
    spec:
      nodeSelector:
        kubernetes.io/os: linux
      containers:
        - name: agent
          image: registry.example/agent:2.0.0
    ```
    """
    if _not_theirs(verdict.object):
        return
    for warning in verdict.warnings:
        if _is_known_class(warning, existing):
            continue
        if verdict.verdict == "accepted" and not (verdict.deprecated and warning == verdict.deprecated.message):
            found = FIELD.match(warning)
            field = found[1] if found else ""
            message = f"{verdict.object.ref} is accepted with a warning: {without_secrets(warning, verdict.object)}"
            yield Problem(verdict.object.at(*_route(field)), message, field=field)


def _is_known_class(warning: str, existing: Existing) -> bool:
    """Whether a warning is about a PriorityClass that is brought, or that dangling-priority-class tells of."""
    found = CLASS.search(warning)
    return found is not None and (existing.brings("PriorityClass") or existing.object("PriorityClass", "", found[1]) is not None)


def _not_theirs(judged: RenderedObject) -> bool:
    """A chart's own definition; or a Secret whose values nobody but the cluster can see, so that what is said of them is said of placeholders."""
    kind = judged.ref.kind
    return (kind == "CustomResourceDefinition" and judged.reconciler.kind == "HelmRelease") or (kind == "Secret" and judged.encrypted)


def _route(field: str) -> Route:
    """The route that a field path of the API server stands for."""
    return tuple(int(index) if index else name or key for name, index, key in STEP.findall(field))
