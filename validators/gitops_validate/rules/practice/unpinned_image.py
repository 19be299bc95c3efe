from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.existing.practice import containers, lasting
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO, Profile.STRICT)
def unpinned_image(existing: Existing) -> Problems:
    """An image that is named by its tag alone.

    A tag can be moved: the same manifest brings another program tomorrow, and nobody has reviewed it. A digest names one content for ever. With both,
    `image:1.4.2@sha256:…`, people read the tag and the node takes the digest; Renovate keeps them together. Told of the images that the repository names;
    those of a chart's pods come with the chart's version.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2 # finding
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              livenessProbe:
                httpGet:
                  path: /live
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              livenessProbe:
                httpGet:
                  path: /live
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```
    """
    for pods in (each for each in lasting(existing) if each.object.reconciler.kind != "HelmRelease"):
        for route, container, name in containers(pods):
            image = text(container.get("image"))
            if image and "@" not in image:
                yield Problem(
                    pods.object.at(*route, "image"), f"{name} runs {image}, which is whatever the tag means when it is pulled", "add the digest"
                )
