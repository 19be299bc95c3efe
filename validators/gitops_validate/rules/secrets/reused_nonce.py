from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from gitops_validate.model.encrypted import EncryptedFile, EncryptedFiles, Seal
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def reused_nonce(repo: Repo, files: EncryptedFiles) -> Problems:
    """One nonce for two secrets, in files that have one data key.

    A file that was copied keeps the data key of the other one. Where a value of it was then encrypted with a nonce that the other file uses for something else,
    by a tool that is not SOPS, say, AES-GCM gives away in what the two differ, and lets others write ciphertext that passes for sound. Which files have one data
    key shows by the copies of it that their recipients have; with `check --age-key-file`, outside of merge requests, whatever the copies look like. Within one
    file, sops-structure tells the same.

    **Avoid**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:8l/0WgmVvQQGyAdEyX6YwSX4,iv:BCr+kXVIVmyKtB9GMvOlWlKHFbq8+23cd+7EMMkJIIE=,tag:09TONSsN7YQBYCGeUqY06g==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA1eXU2TWJYcnZSTzQ5US9H
            cTR0QjNOVzBLaDYyOFRWSFBPVklOeEZwU0dBCjdnWnhtMW1MNGxpUGJqdVExbm9P
            WlpmZUpUUGp6c0p4TVIxNkV6c1VTNDQKLS0tIDZQOXExMkNUb3Jvc3JXQVA2VE1q
            cEhiRlpHYkdmbXNjNE0wWnIxUHpiYkUKA//BUegBlG4RBs4U5Z4CIC0X5tds+qx4
            irb9dDdi1NSUaIzU+NjNU7gygJRx2fiZetp6CMjBEihUu5wf3JE28A==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:2WJ2Vb7bdhpLZiXDRBI6dp87lxh9OrYjJLP19K9+DnKRH4ZxD1qc8C+Zq6fQF5CEHhkg5czoO6wP72gkCX/LCatk55M8sa2eJOPevgJuhdSBPuoQa8C8YVFqFPDE0VPrjVZ2BWtsOOiHi/UE0fR/ZcwCVBWALeaAYauvQGJQQT0=,iv:iugr5+K05xBXRwx34j/dV0dcqr5++fDTDE/QKt1KZqk=,tag:zGWFJ3ZURLsZ3y5LLbwskw==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/reports.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: reports
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:Xr2nHq0OaC7mUy4wP1kTzQdL,iv:BCr+kXVIVmyKtB9GMvOlWlKHFbq8+23cd+7EMMkJIIE=,tag:cW9mZ1Zsd2tKcXBxT1JzVw==,type:str]
    sops: # finding
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA1eXU2TWJYcnZSTzQ5US9H
            cTR0QjNOVzBLaDYyOFRWSFBPVklOeEZwU0dBCjdnWnhtMW1MNGxpUGJqdVExbm9P
            WlpmZUpUUGp6c0p4TVIxNkV6c1VTNDQKLS0tIDZQOXExMkNUb3Jvc3JXQVA2VE1q
            cEhiRlpHYkdmbXNjNE0wWnIxUHpiYkUKA//BUegBlG4RBs4U5Z4CIC0X5tds+qx4
            irb9dDdi1NSUaIzU+NjNU7gygJRx2fiZetp6CMjBEihUu5wf3JE28A==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:2WJ2Vb7bdhpLZiXDRBI6dp87lxh9OrYjJLP19K9+DnKRH4ZxD1qc8C+Zq6fQF5CEHhkg5czoO6wP72gkCX/LCatk55M8sa2eJOPevgJuhdSBPuoQa8C8YVFqFPDE0VPrjVZ2BWtsOOiHi/UE0fR/ZcwCVBWALeaAYauvQGJQQT0=,iv:iugr5+K05xBXRwx34j/dV0dcqr5++fDTDE/QKt1KZqk=,tag:zGWFJ3ZURLsZ3y5LLbwskw==,type:str]
      version: 3.13.3
    ```

    **Prefer**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:8l/0WgmVvQQGyAdEyX6YwSX4,iv:BCr+kXVIVmyKtB9GMvOlWlKHFbq8+23cd+7EMMkJIIE=,tag:09TONSsN7YQBYCGeUqY06g==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA1eXU2TWJYcnZSTzQ5US9H
            cTR0QjNOVzBLaDYyOFRWSFBPVklOeEZwU0dBCjdnWnhtMW1MNGxpUGJqdVExbm9P
            WlpmZUpUUGp6c0p4TVIxNkV6c1VTNDQKLS0tIDZQOXExMkNUb3Jvc3JXQVA2VE1q
            cEhiRlpHYkdmbXNjNE0wWnIxUHpiYkUKA//BUegBlG4RBs4U5Z4CIC0X5tds+qx4
            irb9dDdi1NSUaIzU+NjNU7gygJRx2fiZetp6CMjBEihUu5wf3JE28A==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:2WJ2Vb7bdhpLZiXDRBI6dp87lxh9OrYjJLP19K9+DnKRH4ZxD1qc8C+Zq6fQF5CEHhkg5czoO6wP72gkCX/LCatk55M8sa2eJOPevgJuhdSBPuoQa8C8YVFqFPDE0VPrjVZ2BWtsOOiHi/UE0fR/ZcwCVBWALeaAYauvQGJQQT0=,iv:iugr5+K05xBXRwx34j/dV0dcqr5++fDTDE/QKt1KZqk=,tag:zGWFJ3ZURLsZ3y5LLbwskw==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/reports.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: reports
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:J3gH7348TgHt8G58R6SIiuH8,iv:acSUf/rI7cpoGrpLTqBW8DwhxCdKPmVGi3E7MKv1Fjg=,tag:PbIOQ/9f3AFQyte9e8Le/g==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSArdlZqVVBabmFnQlZ0Y0sz
            eGhCT2hwc3NDTzk3akN4VXFSYXhjT1ZBRXlvCnJxcU5YRkdlUjFrYXNTN2lCeFRj
            bVJSQ293SE5lQ0pwWkh6K0JVOVJiZlEKLS0tIEV6WVN6YUpCUlRKR090cnpRb1h0
            SXViZ0x2ZitWK3NiVjFUemZuV1VPVDQKQBiAoPi/46x/BqRqzfjqyNbD2Oc8Cycd
            aT4JnDVJeTP+r9iSlum3e/A9fQa6Tdh5r41FABJn9WqLf16BzXy/gw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:HxW03xzPUx6jrfpy5yp9nR816QY4ZOeVN2aRKW5uGWp7D5Et90geXJjNqAlsuBcBqVRILNV1wLsO0N3tUZCIqyCfXsQYCUQ2gvvLzOhC7tnNPt4tbbG/oDfKq207L6UnLYI688gFINN+FxMKYjigq8FD5ot6/9w9D6Hoo2RQ9sA=,iv:BHO9vFmnBh8XYaGmem7g9rcJLaPj6UpOOkgMUVBKZRc=,tag:TDMPoHRkRA2vsMJVcjKaLQ==,type:str]
      version: 3.13.3
    ```
    """
    del repo
    told = sorted(_reused(files), key=lambda each: (each[0].path, str(each[0].within), each[1].line))
    for _, ((file, seal, other, first), *_) in groupby(told, key=lambda each: (each[0].path, each[0].metadata())):
        message = f"line {seal.line} has the nonce that {other.path} uses in line {first.line} for something else, and both have one data key"
        fix = f"give the file a data key of its own: {file.sops('rotate --in-place')}"
        yield Problem(file.metadata(), message, fix if file.within is None else "encrypt the file in this value anew")


def _reused(files: EncryptedFiles) -> Iterator[tuple[EncryptedFile, Seal, EncryptedFile, Seal]]:
    """What was encrypted with the nonce and the data key of something else in another file, with that."""
    seen: dict[tuple[str, str], tuple[EncryptedFile, Seal]] = {}
    for file in files.every:
        for key in file.keys:
            for seal in file.seals:
                other, first = seen.setdefault((key, seal.nonce), (file, seal))
                if other is not file and first.digest != seal.digest:
                    yield file, seal, other, first
