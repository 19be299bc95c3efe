from __future__ import annotations

from gitops_validate.judging.hide import without_secrets
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def schema_mismatch(verdict: Verdict) -> Problems:
    """A custom resource that the JSON Schema of its kind refuses.

    Nothing in the repository, its charts or the bundle defines its kind, so the API server's own code has no say; `schemas.locations` in the
    configuration names a folder with a JSON Schema for it. A definition would say more: defaults, list keys and CEL rules are not part of such a
    schema.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    schemas:
      locations: ["schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"]
    ```

    ```json schemas/factory.example/widget_v1.json
    {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    ```

    ```yaml clusters/dev/widget.yaml
    apiVersion: factory.example/v1
    kind: Widget
    metadata:
      name: press
      namespace: default
    spec:
      size: large # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    schemas:
      locations: ["schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"]
    ```

    ```json schemas/factory.example/widget_v1.json
    {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    ```

    ```yaml clusters/dev/widget.yaml
    apiVersion: factory.example/v1
    kind: Widget
    metadata:
      name: press
      namespace: default
    spec:
      size: 3
    ```
    """
    if verdict.verdict != "schema-mismatch":
        return
    for cause in verdict.causes:
        message = without_secrets(cause.message, verdict.object)
        said = f"{cause.field}: {message}" if cause.field else message
        yield Problem(
            verdict.object.at(*route(cause.pointer)), f"{verdict.object.ref} does not fit the JSON Schema of its kind: {said}", field=cause.field
        )
