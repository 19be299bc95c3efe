from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def dangling_governing_service(existing: Existing) -> Problems:
    """A StatefulSet of a Service that does not exist.

    Its pods run, but have no names of their own in DNS: members of a cluster do not find each other, and clients that address one of them find none.
    `serviceName` cannot be changed afterwards; the StatefulSet has to be made anew. Not judged is what a chart names by itself.

    **Avoid**

    ```yaml clusters/dev/queue.yaml
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      name: queue
      namespace: default
    spec:
      serviceName: queue-peer # finding
      selector:
        matchLabels:
          app: queue
      template:
        metadata:
          labels:
            app: queue
        spec:
          containers:
            - name: queue
              image: registry.example/queue:1.4.0
              ports:
                - name: peers
                  containerPort: 7000
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: queue-peers
      namespace: default
    spec:
      clusterIP: None
      selector:
        app: queue
      ports:
        - name: peers
          port: 7000
    ```

    **Prefer**

    ```yaml clusters/dev/queue.yaml
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      name: queue
      namespace: default
    spec:
      serviceName: queue-peers
      selector:
        matchLabels:
          app: queue
      template:
        metadata:
          labels:
            app: queue
        spec:
          containers:
            - name: queue
              image: registry.example/queue:1.4.0
              ports:
                - name: peers
                  containerPort: 7000
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: queue-peers
      namespace: default
    spec:
      clusterIP: None
      selector:
        app: queue
      ports:
        - name: peers
          port: 7000
    ```
    """
    for owner in existing.of("StatefulSet", "apps"):
        name, namespace = text(owner.get("spec", "serviceName")), owner.ref.namespace or "default"
        if name and not owner.origin.template and existing.lacks("Service", namespace, name):
            message = f"{owner.ref} is governed by Service/{namespace}/{name}, which nothing brings"
            fix = did_you_mean(name, existing.near("Service", namespace)) or "declare it, with clusterIP: None"
            yield Problem(owner.at("spec", "serviceName"), message, fix)
