from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.former import Past
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At, Place
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets import tokens
from gitops_validate.secrets.plaintext import name_of, plain_values


@rule(Severity.ERROR)
def exposed_in_history(past: Past, repo: Repo) -> Problems:
    """A secret that an earlier commit of the change holds in plain text.

    It was encrypted or taken out afterwards, but the commit is merged with the others: everybody who can read the repository, a clone or a fork of it has the
    secret, for ever. Change it where it is used, encrypt the new one, and squash the branch or write it anew before it is merged. Seen where the commit is
    known that a change starts from: in merge requests, and in `gitops-validate diff`. In the examples its files lie under
    `before/`, and those of a commit after it under `meanwhile/`.

    **Avoid**

    ```yaml before/clusters/dev/flux-system.yaml
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
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database # finding
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:LhntpmQVWmgDcnYm8D8q2BQG,iv:QxOqU036G0MqtMbQHiB/oJKHQSYJ9F/J3Pakcv0n+L0=,tag:ogmTs1rYVuZ6ERDLp5V3Fg==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBuZDJiby9ETFdtbVRGdytv
            OHNWOFNoMkNPQllYQW1pWTU2Z0RwajI3bEg4CjN1TG5wOGQ5MUZkTzB5UmFVYVFu
            Z25vQWFmYmJsY2gxOUJPK3RZNHp5N1UKLS0tIGdRWEo2eHhjbzJGdkdWVVlyNFFI
            cDhuREcwVWcxUnZIb3hkcGIwbThpUjgK9OncwY2LaXWMlsWOc+UPzrvr0D9hMXwB
            Fx3Rrsvo3zR/C30+7vMHux8RMNzU/IUXiyd7FFHCkVRbQ2VOFWOlZA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:pTYSNBgnm7rtFWIbEhPljShCyI8YxC1n1YAIoRFSQUcDYqbOkXAvmuxZpZR0S3C4Wq8VfRaMsh4GRRF9azQHCnvrG5DBoboTEEDewKBUGYWBtMBzVVlMQD+ETlD3fzdgSEWePunaYT/BCjnUM2h7jvkrEMcOj3uxSZTCjNgcQC8=,iv:iOn74xi2wK96+U/T1AHoa1Vt3ipxxqd9baiqZ9Ig1kg=,tag:fUYVoV5sI/Rq5gSdQd2eRQ==,type:str]
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
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```

    ```yaml meanwhile/clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: k7Gq2-mWz9-Tq41
    ```

    **Prefer**

    ```yaml before/clusters/dev/flux-system.yaml
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
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:IneHbTwh0UFdXHV7NRzgmq0p,iv:0Uy+J28wWmBb9QBgfHJX/cmnoy+ltlvbo2hxOxM5uNI=,tag:SUFTSF24q6DgpVQqv4Q82w==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA3UmJEcjcyK210RnVZbkFE
            ZDdHY05BTTlqSkQrL093SFdEaHVuQUhkeGxjCjdKOW5IT25zaGVuRFpObk9BUjJM
            a3RHQnRwaVR6YWpMM3FSbWM0RnBiQ2cKLS0tIHhyckNTUW4xalVhc2tMb24zK2p3
            TnFtZDgvVi9XdWlMRk96Qy9VSytVb3MKHhe4AW64QYGcQ0f8wa4eNKVb0aVjcgJX
            xtHQ6ifCWTL79bboHI06N1HqpMaBvve0lVsTaYWZG6RwMthfTE1lgw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:7KoBZh4mJUqkvHNJEkN24f4LvdFDyCM9uerB6waqyxrravY5pKBB73/5J3DoyMbg6YVjDWDHq/APsvFtatcG2PDPnIaKil5OJ18TAP8ZGHZ0lgJDGH2V0o8hBtj+hf5EEXvLYRCvOHMiKb2i9VFn6fXebAXnFGuPZo9FeL9t83Y=,iv:Zk+QHJugMrJLArHHwyDCmMaCBKQF8ROuH3sS3bJWm7Q=,tag:1bR28CqUOzMnqBFx9479fg==,type:str]
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
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```

    ```yaml meanwhile/clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:LhntpmQVWmgDcnYm8D8q2BQG,iv:QxOqU036G0MqtMbQHiB/oJKHQSYJ9F/J3Pakcv0n+L0=,tag:ogmTs1rYVuZ6ERDLp5V3Fg==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBuZDJiby9ETFdtbVRGdytv
            OHNWOFNoMkNPQllYQW1pWTU2Z0RwajI3bEg4CjN1TG5wOGQ5MUZkTzB5UmFVYVFu
            Z25vQWFmYmJsY2gxOUJPK3RZNHp5N1UKLS0tIGdRWEo2eHhjbzJGdkdWVVlyNFFI
            cDhuREcwVWcxUnZIb3hkcGIwbThpUjgK9OncwY2LaXWMlsWOc+UPzrvr0D9hMXwB
            Fx3Rrsvo3zR/C30+7vMHux8RMNzU/IUXiyd7FFHCkVRbQ2VOFWOlZA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:pTYSNBgnm7rtFWIbEhPljShCyI8YxC1n1YAIoRFSQUcDYqbOkXAvmuxZpZR0S3C4Wq8VfRaMsh4GRRF9azQHCnvrG5DBoboTEEDewKBUGYWBtMBzVVlMQD+ETlD3fzdgSEWePunaYT/BCjnUM2h7jvkrEMcOj3uxSZTCjNgcQC8=,iv:iOn74xi2wK96+U/T1AHoa1Vt3ipxxqd9baiqZ9Ig1kg=,tag:fUYVoV5sI/Rq5gSdQd2eRQ==,type:str]
      version: 3.13.3
    ```
    """
    fix = "change it where it is used, encrypt the new one, and squash the branch before it is merged"
    for what, spot in _exposed(past, repo):
        yield Problem(spot, f"{what} stands in plain text in commit {past.commit[:12]} of this change, in {past.path}", fix)


def _exposed(past: Past, repo: Repo) -> Iterator[tuple[str, At | Place]]:
    known = {(manifest.ref.namespace, manifest.ref.name): manifest for manifest in repo.manifests if manifest.ref and manifest.ref.kind == "Secret"}
    secrets = {name_of(secret): secret for data in past.documents for _, secret in plain_values(data)}
    for name, secret in secrets.items():
        metadata = secret.get("metadata")
        identity = (str(metadata.get("namespace") or ""), str(metadata.get("name") or "")) if isinstance(metadata, dict) else ("", "")
        now = known.get(identity)
        if now is None or not any(plain_values(now.data)):
            yield name, _spot(now, past)
    if sort := tokens.found(past.text):
        yield sort, Place(past.path, precision="file")
    if tokens.PRIVATE_KEY.search(past.text):
        yield "a private key", Place(past.path, precision="file")


def _spot(now: Manifest | None, past: Past) -> At | Place:
    """Where the Secret is now; where it was, if it is gone."""
    return now.at("metadata", "name") if now else Place(past.path, precision="file")
