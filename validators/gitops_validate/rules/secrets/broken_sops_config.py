from __future__ import annotations

import re

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo, YamlFile
from gitops_validate.model.place import At
from gitops_validate.placing.routes import leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.rules.secrets.no_creation_rule import ABSENT

QUOTED = re.compile(r"[\"'`]([^\"'`]+)[\"'`]")


@rule(Severity.ERROR)
def broken_sops_config(file: EncryptedFile, repo: Repo) -> Problems:
    """A `.sops.yaml` that SOPS does not understand.

    Nothing can be encrypted, edited or given to somebody else until it is mended; the files that are encrypted already stay readable to whoever could
    read them.

    **Avoid**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - the-cluster # finding
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
    if file.within is None and file.rule is not None and file.rule.failure and not any(words in file.rule.failure for words in ABSENT):
        said, config = file.rule.failure.removeprefix("error loading config: "), repo.files.get(file.rule.config)
        if config is None or not config.problems:
            yield Problem(_named(said, config, file.rule.config), f"SOPS does not understand it: {said}", "correct the rule that it names")


def _named(said: str, config: YamlFile | None, path: str) -> At:
    """The rule that SOPS quotes something of, or all of them."""
    held = [(manifest.at(*route), leaf) for manifest in (config.manifests if config else ()) for route, leaf in leaves(manifest.data)]
    for quotation in QUOTED.findall(said):
        whole = [at for at, leaf in held if leaf == quotation]
        for at in (*whole, *(at for at, leaf in held if isinstance(leaf, str) and quotation in leaf)):
            return at
    return At(path, 0, ("creation_rules",))
