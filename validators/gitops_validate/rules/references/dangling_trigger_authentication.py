from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, mapping, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

OWN, SHARED = "TriggerAuthentication", "ClusterTriggerAuthentication"


@rule(Severity.WARNING)
def dangling_trigger_authentication(existing: Existing) -> Problems:
    """A trigger of KEDA with a login that does not exist.

    The ScaledObject is accepted and never becomes ready, so that nothing is scaled, which shows under load. A repository that brings no
    ClusterTriggerAuthentication itself leaves those to somebody else.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    accept:
      - what: no-schema
        subject: keda.sh/*
        reason: the definitions come with the cluster
    ```

    ```yaml clusters/dev/worker.yaml
    apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata:
      name: worker
      namespace: default
    spec:
      scaleTargetRef:
        name: worker
      triggers:
        - type: rabbitmq
          metadata:
            queueName: jobs
          authenticationRef:
            name: queues # finding
    ---
    apiVersion: keda.sh/v1alpha1
    kind: TriggerAuthentication
    metadata:
      name: queue
      namespace: default
    spec:
      podIdentity:
        provider: aws
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: worker
      namespace: default
    spec:
      selector:
        matchLabels:
          app: worker
      template:
        metadata:
          labels:
            app: worker
        spec:
          containers:
            - name: worker
              image: registry.example/worker:1.4.0
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    accept:
      - what: no-schema
        subject: keda.sh/*
        reason: the definitions come with the cluster
    ```

    ```yaml clusters/dev/worker.yaml
    apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata:
      name: worker
      namespace: default
    spec:
      scaleTargetRef:
        name: worker
      triggers:
        - type: rabbitmq
          metadata:
            queueName: jobs
          authenticationRef:
            name: queue
    ---
    apiVersion: keda.sh/v1alpha1
    kind: TriggerAuthentication
    metadata:
      name: queue
      namespace: default
    spec:
      podIdentity:
        provider: aws
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: worker
      namespace: default
    spec:
      selector:
        matchLabels:
          app: worker
      template:
        metadata:
          labels:
            app: worker
        spec:
          containers:
            - name: worker
              image: registry.example/worker:1.4.0
    ```
    """
    for scaler in existing.of("ScaledObject", "keda.sh"):
        for route, trigger in entries(scaler.data, "spec", "triggers"):
            reference = mapping(trigger.get("authenticationRef"))
            name, kind = text(reference.get("name")), text(reference.get("kind")) or OWN
            namespace = "" if kind == SHARED else scaler.ref.namespace or "default"
            known = kind == OWN or (kind == SHARED and existing.brings(SHARED))
            if name and known and existing.lacks(kind, namespace, name):
                message = f"{scaler.ref} logs in by {'/'.join(part for part in (kind, namespace, name) if part)}, which nothing brings"
                fix = did_you_mean(name, existing.near(kind, namespace)) or "declare it, or name one that exists"
                yield Problem(scaler.at(*route, "authenticationRef", "name"), message, fix)
