from __future__ import annotations

import re

import orjson
from msgspec.structs import replace

from gitops_validate.judging.admission import is_expression
from gitops_validate.judging.hide import without_secrets
from gitops_validate.judging.narrowing import narrowed
from gitops_validate.mend.words import quoted
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Cause, InObject, RenderedObject, Verdict
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import dotted, existing
from gitops_validate.rule import Problems, rule

_LATER = "Kubernetes {} takes it: say under `kubernetes` in .gitops-validate.yaml if that is what runs, or under `feature-gates` which gates are open"
_LAST = re.compile(r"(?:^|\.)([A-Za-z]+)$")
UNDECLARED = "field not declared in schema"
_WRAPPED = re.compile(r"(?<=got )&(?:value\.valueUnstructured\{Value:(.*)\}|\{(.*)\})$", re.DOTALL)
_CONVERTED = re.compile(r"failed to convert new object \([^)]*\) to proper version: unable to convert unstructured object to [^:]*: ")
NOT_REACHED = "some validation rules were not checked because the object was invalid"


@rule(Severity.ERROR, mend=quoted)
def api_verdict(verdict: Verdict) -> Problems:
    """An object that the API server refuses.

    Flux applies a Kustomization as a whole: one refused object stops all others, and whatever depends on them. The verdict is that of the
    API server's own code, for the Kubernetes version of the environment and after everything that kustomize and Helm did to the object: the
    types and rules of built-in kinds, and the schema, list keys and CEL rules of custom ones.

    A field that a built-in kind does not have is refused as well. kustomize-controller takes it out of the object before it sends it, and all labels
    where one of them is no text, so that the cluster gets something else than what is written; in charts and in custom resources it stays.

    An object of a kind that lives in a namespace has to name one: unlike kubectl, Flux sends it nowhere else. That is said where a Kustomization of the
    repository, or the sync of a FluxInstance, applies it; what else is rendered may be placed by a `targetNamespace` that is declared elsewhere.

    Feature gates and API versions that are off by default in that version count as off. Where your API server is started with others,
    `feature-gates` and `runtime-config` in `.gitops-validate.yaml` say so, for all environments or for one.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: -1 # finding
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.0
    ```

    ```yaml clusters/dev/consumer.yaml
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: consumer
      namespace: default
    spec:
      minReplicas: 0 # finding
      maxReplicas: 3
      scaleTargetRef:
        apiVersion: example.com/v1
        kind: Consumer
        name: consumer
      metrics:
        - type: External
          external:
            metric:
              name: queued
            target:
              type: Value
              value: "3"
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 1
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.0
    ```

    ```yaml clusters/dev/consumer.yaml
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: consumer
      namespace: default
    spec:
      minReplicas: 0
      maxReplicas: 3
      scaleTargetRef:
        apiVersion: example.com/v1
        kind: Consumer
        name: consumer
      metrics:
        - type: External
          external:
            metric:
              name: queued
            target:
              type: Value
              value: "3"
    ```

    ```yaml .gitops-validate.yaml
    version: 1
    environments:
      dev:
        feature-gates:
          HPAScaleToZero: true
    ```
    """
    yield from _lost_on_the_way(verdict)
    if verdict.verdict != "rejected" or verdict.removed:
        return
    for cause in (each for each in verdict.causes if not (_is_echo(each, verdict) or is_expression(each, verdict) or _is_misspelt(each, verdict))):
        message = _in_words(without_secrets(cause.message, verdict.object))
        said = message if not cause.field or cause.field in message else f"{cause.field}: {message}"
        spot = InObject(verdict.object, (*narrowed(cause, verdict.object.data), *_missing(cause)), UNDECLARED in cause.message)
        yield Problem(spot, f"{verdict.object.ref} would be refused: {said}", _fix(verdict), field=cause.field)


def _in_words(message: str) -> str:
    """A message without the types of Go, in which the API server wraps what it was sent."""
    return _WRAPPED.sub(lambda found: found[1] or found[2], _CONVERTED.sub("", message))


def _fix(verdict: Verdict) -> str:
    if verdict.nowhere:
        return f"name one in it, as `namespace` of its kustomization.yaml, or as `targetNamespace` of {verdict.object.reconciler}"
    return _LATER.format(verdict.later) if verdict.later else ""


def _lost_on_the_way(verdict: Verdict) -> Problems:
    """What the API server would refuse and never sees, as Flux takes it out of the object."""
    thing = verdict.object
    written = _as_written(thing)
    for name, value in thing.lost:
        field = f"metadata.labels.{name}"
        said = f"{thing.ref} would be refused as it is written: {field}: expected string, got {value}"
        yield Problem(written.at("metadata", "labels", name), said, "write it in quotes: Flux drops all labels where one is no text", field=field)
    for cause in verdict.dropped:
        said = f"{thing.ref} would be refused as it is written: {without_secrets(cause.field, thing)}: {cause.message}"
        near = did_you_mean(_name(cause), [_name(each) for each in verdict.causes if _is_misspelt(each, verdict)])
        fix = near or "correct its name, or remove it: Flux drops it and applies the rest"
        yield Problem(InObject(thing, route(cause.pointer), UNDECLARED in cause.message), said, fix, field=cause.field)


def _as_written(thing: RenderedObject) -> RenderedObject:
    """The object with the labels that are lost, so that they can be found where they are written."""
    if not thing.lost:
        return thing
    metadata = thing.data["metadata"]
    labels = {**metadata["labels"], **{name: orjson.loads(value) for name, value in thing.lost}}
    return replace(thing, raw=orjson.dumps({**thing.data, "metadata": {**metadata, "labels": labels}}))


def _is_echo(cause: Cause, verdict: Verdict) -> bool:
    """Whether a cause adds nothing: that other rules were not reached, a status that the API server would have made, or a default that repeats what is
    said of the field beside it.
    """
    if len(verdict.causes) > 1 and (NOT_REACHED in cause.message or (cause.field.startswith("status.") and "status" not in verdict.object.data)):
        return True
    steps = route(cause.pointer)
    beside = (each for each in verdict.causes if each.message == cause.message and route(each.pointer)[:-1] == steps)
    return not _is_written(cause) and any(_is_written(each) for each in beside)


def _is_misspelt(cause: Cause, verdict: Verdict) -> bool:
    """Whether a cause misses a field that stands beside others under nearly its name: it is told there."""
    steps = (*route(cause.pointer), *_missing(cause))
    beside = existing(verdict.object.data, steps)
    unknown = [each for each in (*verdict.dropped, *verdict.causes) if UNDECLARED in each.message and route(each.pointer)[:-1] == beside]
    return len(steps) == len(beside) + 1 and bool(did_you_mean(str(steps[-1]), map(_name, unknown)))


def _name(cause: Cause) -> str:
    """The last name in a field's path."""
    found = _LAST.search(cause.field)
    return found[1] if found else ""


def _missing(cause: Cause) -> tuple[str, ...]:
    """The name of a field that is not there, whose pointer ends at what it is missing from."""
    steps, name = route(cause.pointer), _LAST.search(cause.field)
    return (name[1],) if name and (not steps or str(steps[-1]) != name[1]) else ()


def _is_written(cause: Cause) -> bool:
    """Whether the pointer leads to the field itself; that of a missing one ends at what it is missing from."""
    return dotted(route(cause.pointer)) == cause.field
