from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFile, EncryptedFiles
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule

FIELDS = {"age": "age", "pgp": "pgp", "kms": "kms", "gcp_kms": "gcp_kms", "hckms": "hckms", "azure_kv": "azure_kv", "hc_vault": "hc_vault"}
"""Where the metadata list recipients of each type."""


ANEW = "encrypt the file anew by that rule, and put it into the value in base64"
FLAGS = {"gcp_kms": "gcp-kms", "azure_kv": "azure-kv", "hc_vault": "hc-vault-transit"}
"""What flags of SOPS call a type, where that is not its name."""


@rule(Severity.ERROR)
def recipients_differ(file: EncryptedFile, files: EncryptedFiles) -> Problems:
    """An encrypted file that others can read than `.sops.yaml` says.

    SOPS writes the recipients into a file when it encrypts it, and never looks again: who was taken out of `.sops.yaml` still reads every file that
    was encrypted before, and who was added reads none of them. A cluster that is missing cannot decrypt; a key of another environment, or of a
    colleague who has left, should not. Taking a recipient out of a file leaves its data key as it was: rotate it too, and change the values that were
    read.

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
      password: ENC[AES256_GCM,data:65g1gmVVibJUglJwobYZ0G97,iv:B0noqXs9QkJmiFy8YU0fjcQVdntf0QWRINHLGIGBD7E=,tag:/gAkdW5p8u7OrwfUifNqlQ==,type:str]
    sops:
      age: # finding
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB5bUlnbGplZUM5VVdybHRa
            eTByb3N0c2YrNW4zSG11eVhaOGZSK0RXVURZCm5Bb3RnSVAzZjlBNnFDYlZuclFF
            aXNieVBDejJMRFE1Um9kcXZUaFEvbHMKLS0tIHY3WWhLVW1ZOGpqbkQrcmVtYkV3
            eE43N2tlV2FaTHd1dVkzV29zT1VVYWsKToUejQTzPBfshyBeCZDtCUBe5PeXKYa2
            7Pi8w+fh4E2rpV4TdyDuyBtYj8imEeEx1xlB+/s3vHIK+JDIfHO1xA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBTNEFlZmtXUTBwVllzVTBz
            ZjNzV2ZvS2xrWVNUK2drdzJkT3phamhTT0c0CmpsbTFWTEg5Q2M3OUtLdzZKSUlT
            cVpiTFBQMmxNNVlFamx5UG1XaWVmTzQKLS0tIEYwYUxuWjdobXlCZ3UwQnJiUE9n
            dVFhUWpvazNvSkpoMmtpcTExVUh1YW8KV3ltjGElQhWTSqgJ5aYkgCi5a909Mh0s
            3zOtisNVdmmVvYVs1myX6J7M3I7LgwtMzjkO5TceHfZH5vBIhJanCg==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:23AIDX+GtvNf38k7RrADzofcdwkfr+uTDZ/qRPDeagBjw/neltazfVFMaeU0FIWToQ8F63zSI96qAjkqhtTSsmWdCzQcScdfKjH7nIt4Od1lCCWIJmJVz+AOPIzRjYuXcHV1UxyH98fZYjbgy2UMTurzjV0HZiBRBtyasOXLjG0=,iv:DOG2Uhnrn+UqGihCCORFQqEv1Th0a4g3ln7n2FiVbu0=,tag:w3jv3/dUbtsGs2mgrxsBrg==,type:str]
      version: 3.13.3
    ```

    **Prefer**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
          - age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:65g1gmVVibJUglJwobYZ0G97,iv:B0noqXs9QkJmiFy8YU0fjcQVdntf0QWRINHLGIGBD7E=,tag:/gAkdW5p8u7OrwfUifNqlQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB5bUlnbGplZUM5VVdybHRa
            eTByb3N0c2YrNW4zSG11eVhaOGZSK0RXVURZCm5Bb3RnSVAzZjlBNnFDYlZuclFF
            aXNieVBDejJMRFE1Um9kcXZUaFEvbHMKLS0tIHY3WWhLVW1ZOGpqbkQrcmVtYkV3
            eE43N2tlV2FaTHd1dVkzV29zT1VVYWsKToUejQTzPBfshyBeCZDtCUBe5PeXKYa2
            7Pi8w+fh4E2rpV4TdyDuyBtYj8imEeEx1xlB+/s3vHIK+JDIfHO1xA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBTNEFlZmtXUTBwVllzVTBz
            ZjNzV2ZvS2xrWVNUK2drdzJkT3phamhTT0c0CmpsbTFWTEg5Q2M3OUtLdzZKSUlT
            cVpiTFBQMmxNNVlFamx5UG1XaWVmTzQKLS0tIEYwYUxuWjdobXlCZ3UwQnJiUE9n
            dVFhUWpvazNvSkpoMmtpcTExVUh1YW8KV3ltjGElQhWTSqgJ5aYkgCi5a909Mh0s
            3zOtisNVdmmVvYVs1myX6J7M3I7LgwtMzjkO5TceHfZH5vBIhJanCg==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:23AIDX+GtvNf38k7RrADzofcdwkfr+uTDZ/qRPDeagBjw/neltazfVFMaeU0FIWToQ8F63zSI96qAjkqhtTSsmWdCzQcScdfKjH7nIt4Od1lCCWIJmJVz+AOPIzRjYuXcHV1UxyH98fZYjbgy2UMTurzjV0HZiBRBtyasOXLjG0=,iv:DOG2Uhnrn+UqGihCCORFQqEv1Th0a4g3ln7n2FiVbu0=,tag:w3jv3/dUbtsGs2mgrxsBrg==,type:str]
      version: 3.13.3
    ```
    """
    if file.rule is None or file.rule.failure or not file.written:
        return
    config, updated = file.rule.config, file.sops("updatekeys --yes") if file.within is None else ANEW
    wanted = {recipient for group in file.rule.recipients for recipient in group}
    if not wanted:  # the rule leaves it to whoever encrypts, with --age, --azure-kv and the like
        return
    strangers, lacking = sorted(file.readers - wanted), sorted(wanted - file.readers)
    swapped = file.within is None and len(strangers) == len(lacking) == 1  # as when a file is taken from another environment: that is one fault
    for kind, name in strangers:
        fix = f"{updated} && {file.sops('rotate --in-place')}; then change the values" if file.within is None else _apart("rm", kind, name)
        message = f"{name} can read it, although the creation rule in {config} does not name it" + _whose((kind, name), file, files)
        message += f"; {lacking[0][1]}, which that names, cannot" if swapped else ""
        yield Problem(file.metadata(FIELDS.get(kind, kind)), message, fix)
    for kind, name in lacking if not swapped else ():
        fix = f"{updated}, or `gitops-generate secrets` in a generated platform" if file.within is None else _apart("add", kind, name)
        yield Problem(file.metadata(FIELDS.get(kind, kind)), f"{name} cannot read it, although the creation rule in {config} names it", fix)
    if file.readers == wanted and [set(group) for group in file.recipients] != [set(group) for group in file.rule.recipients]:
        yield Problem(file.metadata(), f"its key groups are not those of the creation rule in {config}", updated)
    elif file.readers == wanted and file.threshold != file.rule.threshold:
        message = f"{file.threshold} of its key groups decrypt it, and the creation rule in {config} asks for {file.rule.threshold}"
        yield Problem(file.metadata("shamir_threshold"), message, updated)


def _apart(change: str, kind: str, name: str) -> str:
    """The command for a file within a value, which SOPS reads as a file of its own only."""
    return f"decode the value into a file, sops rotate --in-place --{change}-{FLAGS.get(kind, kind)} {quote(name)} FILE, and put it back in base64"


def _whose(reader: tuple[str, str], file: EncryptedFile, files: EncryptedFiles) -> str:
    """What the rules give the reader, as far as a file shows it: that of another environment is worse than one that nobody knows."""
    for other in files.by_path.values():
        if other.path != file.path and other.rule and any(reader in group for group in other.rule.recipients):
            return f"; it is one of those for {other.path}"
    return ""
