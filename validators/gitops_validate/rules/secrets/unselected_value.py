from __future__ import annotations

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import pointer, route
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.plaintext import name_of, plain_values
from gitops_validate.secrets.tokens import SECRETIVE


@rule(Severity.ERROR)
def unselected_value(file: EncryptedFile, repo: Repo) -> Problems:
    """A value of an encrypted Secret that its encryption leaves in plain text.

    The file has recipients, a MAC and ciphertext, so that it passes for encrypted; but SOPS encrypts only what the selector chooses, and this value it does not: a key
    whose name ends in `_unencrypted`, which is the default; an `encrypted_regex` that names `data` alone; an `unencrypted_regex` that fits more than was meant.
    Everybody who can read the repository can read the value, for ever. Encrypting the file once more changes nothing as long as the selector stays.

    **Avoid**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^data$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    data:
      user: ENC[AES256_GCM,data:rnQrKQ==,iv:Q2lukGK87DtCwyxkluQF/omj4xyH4uGmjEA/eFmFR84=,tag:yC2tkHelKasibBtMjGtE6w==,type:str]
    stringData:
      password: correct-horse # finding
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBOclhqSW1jZm10dGRVOFlR
            T016Q1NmYVJzTE5IQ0RYR1N6YnVBc3lTN0Z3Ck1adCsraG5rUXYxVDBEWXF5NW1m
            WFRYQnNnS0FZR1ZWMVBmWlJFaEFpeTQKLS0tIG9DRVlsallRclRjbFpPZVpLTEcy
            dHRuazdJZTNXblhmRTAxUEtJNWdUeWcKplEPNvR8n9zBHevieSZN4VVuLKiLpphi
            QQW/iS/sXzRhQpJTRl+/3A/lE6iofJvACdlO+iQqm0rN+2vGjQtjyA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^data$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:/OR9fi448IpmobXD9JMjKxO7D1iZy52nOmzOOcV9a09ZiYx/yFflZFjjZSWxTY+7eW0w26v+NzqnLO0ZtKazhQnMSJTm2luHkolaLcx3zFpTE0G/ykxVmzDJhf5u3bAtdBn4jdXXnk0jBPGacEtPi2jEIvRyr1rh+dGqQvnb5pA=,iv:l12F0yU2RE3iReElINb+IjhCrCV6WDbqylkUvFcunus=,tag:6EcKFQhptrNFwBmAYx36Wg==,type:str]
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
    data:
      user: ENC[AES256_GCM,data:6XzA/w==,iv:MCcYGh35Ch74zyW201h8XLdRaMjAPVH3/gMYFN7a6yg=,tag:EcPyLJwhZr0bgbXW+Ds1Bw==,type:str]
    stringData:
      password: ENC[AES256_GCM,data:mZXCLK+05E0s5c2nIw==,iv:lxnOb/x6C/SUPgW6YYLIqMLt2dN0EI09CXlOiNv04sM=,tag:6tDznor/rlWeffyL2lNuhQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBQRlM2RFNNc0dGbkY1dHBU
            bEJBbEJpL3lBSVExVHpJMEVhRzZCSjhzTEJjCmcyOUZwN3lFNTdZQnFVYVNyODdS
            Q0R6a0QxMVl4dzlVZVYxNzJvT2c2NTAKLS0tIEdlMUJHV2ZBSWVxMGpnV2YvSi9n
            Q1IwdUJLamJYaUtjcnhYL213ZXlJZEkK6AMcBhjRCd+ix9mlywoV2kGovdyhqZL/
            BeM0B4d1GB1/73g0JLgCVpgdVU3XGk9wwcTiAPcC8Hcr5Isz/qwz4A==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:Cq8a2BDfule1CEr2PWiOLWLuBeRLtxWwkxHHBzNTYFRoXjhhYFrNlwDOyEzZk/RYZnQIMm34b1Unt/Boa4xvvLeFO9o1gjghMYdnGcQ5V1ngHSJC+XYGqOWmbNUn+wja7KIpBwNNMzuwtubhC4LtT6RgDCFxbxHubXtrtVdVfeM=,iv:LvFXhVeh4pvlqaoDSe/BaCsYKncjmetAQOtyWnj9t5Y=,tag:tCsMwblau9PAFmlCd/mtPg==,type:str]
      version: 3.13.3
    ```
    """
    if not file.written:
        return
    kind, chosen = file.selector
    told = set()
    for manifest in repo.files[file.path].manifests if file.path in repo.files else ():
        for steps, secret in plain_values(manifest.data):
            leaf = file.by_place.get((manifest.document, pointer(steps)))
            if leaf is not None and not leaf.selected:
                told.add(leaf)
                message = f"{name_of(secret)} holds {dotted(steps[-2:])} in plain text: {kind} {chosen} leaves it out when SOPS encrypts the file"
                yield Problem(manifest.at(*steps), message, _fix(kind, chosen, file))
    for leaf in file.leaves if kind == "unencrypted_suffix" else ():
        name = str(route(leaf.pointer)[-1])
        if leaf.state == "plain" and not leaf.selected and name.endswith(chosen) and SECRETIVE.search(name) and leaf not in told:
            yield Problem(file.at(leaf), f"{name} stands in plain text: SOPS leaves out what ends in {chosen}", _fix(kind, chosen, file))


def _fix(kind: str, chosen: str, file: EncryptedFile) -> str:
    if kind == "unencrypted_suffix":
        return f"replace the value, take {chosen} off its name, then: {file.again}"
    return f"replace the value, write encrypted_regex: ^(data|stringData)$ into the creation rule, then: {file.again}"
