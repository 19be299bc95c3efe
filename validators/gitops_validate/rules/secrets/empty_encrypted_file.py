from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def empty_encrypted_file(file: EncryptedFile) -> Problems:
    """An empty file where an encrypted one should be.

    `sops encrypt file > file` empties the file before SOPS reads it, and a command that fails leaves an empty one behind. Nothing refuses it: kustomize takes it for no
    object at all, and whatever reads the secret waits for it. A file counts by its name (`*.sops.yaml`, `*.enc.env`), or by a creation rule whose `path_regex` names it.

    **Avoid**

    ```yaml clusters/dev/database.sops.yaml
    # finding
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

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:mwFl4zI/u8ZoVx9c5yMaOWg+9sVU,iv:ZL4Encq/vvEtyKmyKM1BfgtNiNOBitNyozvw7VtvBBM=,tag:F++2wQ+i9/hlzpywvqdSQg==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB1WjFwUTJSVERheDA5cEQx
            MlViaDgwTHdhSno5YkM5MTZrQ3Bicng1NUFNCnZYZWk0aHgySGZONjVvT1hicDl2
            aGRxYmkxQjhITlBKVWR0dDk4dWk5NDQKLS0tIGxvQzMwbzkvSDNDeU9ta09GdUla
            R25jdko3dWFkTGU0Qis5SE5hTGp0b1kKQ0NvEi8BrKt2c+6GDtvKwi607KiLOI5L
            3E+CK+LMK5ehdmrv4Squn/rc18siv1O5KUN44Xvswn6yVwxBwqlEEA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:Iy3Iy+Uiddd7hbMdwvoU0DPMmrgY/kjv+D4cfUVCPSzV7dXY68XQx9KaxrK4KKL9tyx6KVBbIkl8MuVf4T7yco74vfoztnHLsK3C0a8LaOIfKvXDWTTmK9u2EkAtUR5nB2YH5RjN4SRLq0NzSoo9BrbA4t5iTGL3s6+u8TV1aXU=,iv:5nVPkP1WZkvnx+Sk4Xkj41CMToVVo9nQFvknRIVVGt0=,tag:c1p+Ugex573aCHLPMLx9Fw==,type:str]
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
    if file.empty:
        name = quote(file.path)
        yield Problem(
            Place(file.path, 1, 1),
            "the file is empty, and by its name something encrypted should be in it",
            f"bring it back (git log -- {name}), or write it anew: rm {name} && sops edit {name}; in a generated platform: gitops-generate secrets",
        )
