from __future__ import annotations

import re

from gitops_validate.model.encrypted import CIPHERTEXT
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import dotted, leaves
from gitops_validate.rule import Problems, rule

SEALED = re.compile(rb'(?<!\\)"ENC\[AES256_GCM,')
"""A value that is ciphertext, other than a text that has some in it."""
GENERATE = "let a secretGenerator read the encrypted file, and refer to the Secret that it makes"


@rule(Severity.ERROR)
def undecrypted_value(thing: RenderedObject, repo: Repo) -> Problems:
    """Ciphertext that reaches the cluster as it stands.

    Flux decrypts manifests that SOPS encrypted as a whole, encrypted patches, and the files that a secretGenerator reads. It does not decrypt those of a configMapGenerator:
    the ConfigMap holds `ENC[AES256_GCM,…]`, and so does whatever reads it, a HelmRelease's values or a program's configuration. What is secret belongs into a Secret.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - flux-system.yaml
    configMapGenerator:
      - name: database
        namespace: default
        files:
          - values.yaml=values.sops.yaml # finding
    ```

    ```yaml clusters/dev/values.sops.yaml
    password: ENC[AES256_GCM,data:ib0vPo/coBWCXZH3fQ==,iv:omCjMW9iOwmrML89QvtFNca6pp6AuauLh2XvIBl2NA4=,tag:cUOiX+oQy0LdFvmjvyCKtA==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBMOFp3VXBvK3NDRkduVkFn
            VEM2RThlUnQzMDBLa3JBK3d4U0JxTmVzdW5nCmRSNFNIYkpzanlIaUYwd3JBa0Fv
            YXRRU0VpR2NNYk1ZNFM3L3hST0JRTm8KLS0tIE13S2xLT2hCMG5ZV1NaWVR4WnJZ
            UlVmL0dKSG5tSE9NZGhtVU1MVCtkNkkKQfdPZQO0h7PQmuW8qAQ2YWdsExRe9MHd
            sEShWErl5dcWmHnprmE92n7dY8kyDJB0ocyuQYfCj8Xf7f7/2MsHDw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^password$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:4fr4gxsGND45I5Kes80Q2FH0ONiZFp4KxL0DmEcTnzJcrBg6QFYla41u0zWGgkT2xWXgIjqdsA05rsoHojytrlmbNXQJsE34cxJOAP8zG5Ppqner3qyYU5TSRTVh5n/y9u5eEto3mcKvrWqn1f20l6NHiOjLVY40lbFJ4d36UYU=,iv:EhKEEGDKvOSvJUwgIvBObzB70w3hvVhuKfYG+pL2kXU=,tag:vJNU9YPGzu7+vok9hzGDFw==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/flux-system.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/dev
      prune: true
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - flux-system.yaml
    secretGenerator:
      - name: database
        namespace: default
        files:
          - values.yaml=values.sops.yaml
    ```

    ```yaml clusters/dev/values.sops.yaml
    password: ENC[AES256_GCM,data:ib0vPo/coBWCXZH3fQ==,iv:omCjMW9iOwmrML89QvtFNca6pp6AuauLh2XvIBl2NA4=,tag:cUOiX+oQy0LdFvmjvyCKtA==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBMOFp3VXBvK3NDRkduVkFn
            VEM2RThlUnQzMDBLa3JBK3d4U0JxTmVzdW5nCmRSNFNIYkpzanlIaUYwd3JBa0Fv
            YXRRU0VpR2NNYk1ZNFM3L3hST0JRTm8KLS0tIE13S2xLT2hCMG5ZV1NaWVR4WnJZ
            UlVmL0dKSG5tSE9NZGhtVU1MVCtkNkkKQfdPZQO0h7PQmuW8qAQ2YWdsExRe9MHd
            sEShWErl5dcWmHnprmE92n7dY8kyDJB0ocyuQYfCj8Xf7f7/2MsHDw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^password$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:4fr4gxsGND45I5Kes80Q2FH0ONiZFp4KxL0DmEcTnzJcrBg6QFYla41u0zWGgkT2xWXgIjqdsA05rsoHojytrlmbNXQJsE34cxJOAP8zG5Ppqner3qyYU5TSRTVh5n/y9u5eEto3mcKvrWqn1f20l6NHiOjLVY40lbFJ4d36UYU=,iv:EhKEEGDKvOSvJUwgIvBObzB70w3hvVhuKfYG+pL2kXU=,tag:vJNU9YPGzu7+vok9hzGDFw==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/flux-system.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/dev
      prune: true
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    if CIPHERTEXT.encode() not in thing.raw or thing.reconciler.kind == "HelmRelease" or "sops" in thing.data:
        return
    written = repo.at(thing.origin.path, thing.origin.document)
    if written is not None and SEALED.search(written.raw):
        return  # which sops-structure tells
    for route, leaf in leaves(thing.data):
        if isinstance(leaf, str) and CIPHERTEXT in leaf:
            message = f"{thing.ref} reaches the cluster with ciphertext in {dotted(route)}, which Flux does not decrypt there"
            fix = f"put the file under data, in base64, where Flux decrypts it, or {GENERATE}" if thing.ref.kind == "Secret" else GENERATE
            yield Problem(thing.at(*route), message, fix)
            return
