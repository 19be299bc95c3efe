from __future__ import annotations

import orjson
from msgspec.structs import replace

from gitops_validate.judging.hide import without_secrets
from gitops_validate.mend.words import quoted
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import RenderedObject, Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, mend=quoted)
def dropped_field(verdict: Verdict) -> Problems:
    """A field that Flux drops before it applies the object.

    kustomize-controller puts an object of a built-in kind into its Go type before it sends it. A field that the kind does not have, such as one
    with a slip of the pen, is gone then, and the API server never sees it: the object is applied, without what was meant. In charts and in
    custom resources such a field is refused. Labels are read as texts: if one of them is a number or a boolean, the object loses all of them.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replica: 3 # finding
      selector:
        matchLabels: {app: web}
      template:
        metadata:
          labels: {app: web}
        spec:
          containers:
            - name: web
              image: registry.example/web:2.0.0
    ```

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
      labels:
        app: web
        version: 2 # finding
    data:
      host: web.example
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 3
      selector:
        matchLabels: {app: web}
      template:
        metadata:
          labels: {app: web}
        spec:
          containers:
            - name: web
              image: registry.example/web:2.0.0
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
      labels:
        app: web
        version: "2"
    data:
      host: web.example
    ```
    """
    thing = verdict.object
    written = _as_written(thing)
    for name, _ in thing.lost:
        words = f"{thing.ref} loses all its labels: {name} is no text, and Flux reads none of them then"
        yield Problem(written.at("metadata", "labels", name), words, "write it in quotes", field=f"metadata.labels.{name}")
    for cause in verdict.dropped:
        said = without_secrets(cause.field, thing)
        yield Problem(thing.at(*route(cause.pointer)), f"{thing.ref} is applied without {said}: its kind has no such field", field=cause.field)


def _as_written(thing: RenderedObject) -> RenderedObject:
    """The object with the labels that are lost, so that they can be found where they are written."""
    if not thing.lost:
        return thing
    metadata = thing.data["metadata"]
    labels = {**metadata["labels"], **{name: orjson.loads(value) for name, value in thing.lost}}
    return replace(thing, raw=orjson.dumps({**thing.data, "metadata": {**metadata, "labels": labels}}))
