from __future__ import annotations

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule

IDENTITY = frozenset({"/apiVersion", "/kind"})


@rule(Severity.ERROR)
def encrypted_identity(file: EncryptedFile) -> Problems:
    """A manifest whose kind, name or namespace is encrypted.

    Flux builds with kustomize first and decrypts afterwards, and wants apiVersion, kind and metadata in plain text: what it cannot read it can neither patch nor put
    into a namespace, and health checks, pruning and reviews see ciphertext for a name. SOPS encrypts everything unless a selector says otherwise.

    **Avoid**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: .*
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: ENC[AES256_GCM,data:EX0=,iv:5QyZboEvTpi4k4BZMRJJLddHo3M7Rs+UOKBf2N1j4BI=,tag:KGIieLvkWHzPc+yrHrAJFA==,type:str] # finding
    kind: ENC[AES256_GCM,data:+waFz3zI,iv:RODLdkSZGfv0934Zerdfe+jVvPhvOle3tqcy1s3YOwk=,tag:Ms3wAZNfnDmAl7xX/dA78A==,type:str]
    metadata:
      name: ENC[AES256_GCM,data:Xyd+r4f0+K0=,iv:vENVhOi2YM/A0ksYDKmjSU8jPg67FAZNqSkYaMTHmiw=,tag:/7+Xl1n8xTTwZx2Qx17haA==,type:str]
      namespace: ENC[AES256_GCM,data:dmN1Giusmw==,iv:SNmU/s5TAOpR1saFthso1Du4/7YhKGWV/T7yEDIGUE0=,tag:9XdA+QdKx8+JnDAFGB6qOw==,type:str]
    stringData:
      password: ENC[AES256_GCM,data:6pLcU5+gXJU7CYDlCaBX+qQi6K6a,iv:0g4i102wrkjG3U2L87FPkaPqyRKUZEtf6IhtEG/Lt4g=,tag:U8XqPXEyGTtJTnb9CXq6sQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBRSTVvb3JSSmI1cGIwSGtk
            VExmQWJDZlp4Vk0wdno3Nmw3M2VRcjE4a0d3Clp5UlZmZFpKOUowWmV5TWRodGU0
            cC8zL3F0bndBbWNaZmxpREwxQVhQc1EKLS0tIDJybnRBU2JuTVdpTmh6N0tmZlN4
            eTA4NVpvWWVtZUVmVVg0ZWFhS1NmL3MKvEZ57DYfs5l6uNAMmdbqTypzh+5ZARft
            gS6lkvJI8lbCDHHFc21Lv5DeDR+4+7nh8wiqxltGdpl4DCZHuAeYuw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: .*
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:oROHjFJXFLCjxJjxgkU3xbBtnySyfPUG41j6/8vqer1tjA+inUzusLj3c5dsS1gU6ji/E89lfl/XBQVLSarFw0ANnk0CRbT/V0GEoSFtXMnjnCWa9YEClhVk1unZQ3CNamJ6umLkHI+qlFd96lvAoCVgtFbLQqGGRovEDHMw9Pk=,iv:tsSb4Ff6blgA4IT2+5g/NPMcZiTwuTI65J+cbeEi8oM=,tag:X1QaRSrGlgzkNo7K2m6e/g==,type:str]
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
    """
    written = {leaf.pointer: leaf for leaf in file.leaves if leaf.document == 0}
    if not {"/apiVersion", "/kind"} <= written.keys():
        return
    sealed = [leaf for pointer, leaf in written.items() if leaf.state == "encrypted" and (pointer in IDENTITY or pointer.startswith("/metadata/"))]
    if sealed:
        fields = ", ".join(leaf.pointer[1:].replace("/", ".") for leaf in sealed[:3]) + (f" and {len(sealed) - 3} more" if len(sealed) > 3 else "")
        message = f"{fields}: encrypted, and Flux needs apiVersion, kind and metadata in plain text"
        yield Problem(file.at(sealed[0]), message, f"write encrypted_regex: ^(data|stringData)$ into the creation rule, then: {file.again}")
