from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from gitops_validate.model.encrypted import is_ciphertext
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.former import Rewritten
from gitops_validate.model.place import At
from gitops_validate.placing.routes import Route, dotted
from gitops_validate.rule import Problems, rule

MOST = 10
"""Fields of a file that are told one by one."""


@rule(Severity.ERROR)
def hand_edited(file: Rewritten) -> Problems:
    """An encrypted file that was changed without SOPS.

    SOPS signs all values of a file with a MAC, and writes another one whenever it writes the file. Here values are others than where the change starts,
    and the MAC is the same: somebody edited, copied or merged them. `sops` refuses such a file, so that nobody can edit or rotate it any more, while
    kustomize-controller does not look at the MAC: it applies what was made readable, and fails at ciphertext that was moved. Seen where the commit is known
    that a change starts from: in merge requests, and in `gitops-validate diff`. In the examples its files lie under `before/`.

    **Avoid**

    ```yaml before/clusters/dev/database.sops.yaml
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

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
      labels:
        team: data # finding
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

    **Prefer**

    ```yaml before/clusters/dev/database.sops.yaml
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
    """
    if not file.macs[0] or file.macs[0] != file.macs[1]:
        return
    fix = f"take it back, and edit with `sops {quote(file.path)}`, or let `gitops-generate secrets seal {quote(file.path)}` sign what is meant"
    for number, (document, route) in enumerate(_differing(file)):
        if number == MOST:
            return
        where = route if (document, route) in file.values[1] else ("sops",)
        yield Problem(
            At(file.path, document, where), f"{dotted(route)} has changed, and the MAC of the file has not: this was not done with SOPS", fix
        )


def _differing(file: Rewritten) -> Iterator[tuple[int, Route]]:
    before, after = file.values
    for place in dict.fromkeys((*after, *before)):
        if before.get(place, file) != after.get(place, file) and (file.signs_all or any(is_ciphertext(values.get(place)) for values in file.values)):
            yield place
