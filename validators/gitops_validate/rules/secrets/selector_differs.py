from __future__ import annotations

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule

DEFAULT = ("unencrypted_suffix", "_unencrypted")
"""What SOPS encrypts by where nothing is said."""


@rule(Severity.WARNING)
def selector_differs(file: EncryptedFile) -> Problems:
    """An encrypted file that encrypts other fields than `.sops.yaml` says.

    The selector stands in the file from its first encryption on. A rule that was widened later, from `data` to `data` and `stringData` say, does not
    reach it: what is added to the file afterwards may stay in plain text.

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
      password: ENC[AES256_GCM,data:scwhv5fCUuOun9Rysod6IWCb,iv:q2CukR0gOyqtHtl83Dy4vXsijLejV2Z5Q2dk+YBCez8=,tag:EwEnPL8SLTWVPlNhRBcCJA==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA5akhTd2U2K09lMy95UUNZ
            YWpJd2pkZXpkbm1HWWFrb29xekpGdUpzem40CncvZFUwZ3RDYjBnUm1YaS9kcUVY
            ZEpzSHFkRkhkUXN5Wlc5RmVVVmU1SzgKLS0tIHJxWm55TFJURmJLaVRjUVloMVda
            SU5wR3hFdlpPWFhVN2lvbGxweVowS28K2U30z/NF4046iJx2qVDl1SS9dEXw/gs/
            w22idSjCHOHUjGGBTmvoGh0jt2icEhFUZsIOdsTcSTarrrduywdpMg==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^data$|^stringData$ # finding
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:ajnJntVdAjxR2vAj83iLYPsuYVWe7G5Jp/1Q1sT+1qPsNAPwd9U++UXgGV0smOvyQctUDtu/9ucWi53VA0X37OdFvcW26at/cNCn+vuetGeq1DldmCCLWfG71uD7GII8iHo0LeU1gXWK/fyVn9fMw1F6f9Vrvgzv4lezsmrcaQY=,iv:h4tHA0YEQwpc9R3jNEtqlLnSH3Td8vMir78HGndfR8s=,tag:z0G2gKEZH7WtqR82GY/A3g==,type:str]
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
      password: ENC[AES256_GCM,data:4qJJ0fyiXinDsZqXY00hSuV8,iv:AwYHn/61vAKuJGodnmmbi/cyKxKhXtlH0e3Ywl9Wffc=,tag:prEYHU9/69bd/RaH9jsJTQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBpaml2dEdLNDNRVjExNXp4
            VExSMjhJQlgwbTdYc1RUeStwT2RYK1c2NTJRCmNEMTJsQVRtQlhnZUFDMFJNVjNm
            UEduNnV2NXlWbXhtNmcrTzQzRjBQbGcKLS0tIDJUZ1laNzdyVnBDQXRoanpERmta
            Q3VFT20rdVRVV2JHTURVQXBvNWNlaWsK39GeRVwnRTLlpK2llgac9/F22fM0P8ZT
            /NUboCRrP8T4Cbniazqcg98cYfjZu3LvKbnoHm6yuBTKhX7BgWMfRA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:sNu4dW8ADp4jRbhzQ0NrThhPez0Yr5oGVo0/7926XnpUWDQ0ZBCXUYyit1AJ4NzwTnFbbYaZc8TZWq+EVZd9HPauDuK49IQt3gJvO6nDjz3oQ5iJLxeBECc2p3sUTWNPJsfl6Iu6upSiyuNWd9hVcldA/6xvkC3lBgNokN+rFH8=,iv:LB2HkgE05W1dKwnuOBOEDnPN2ds1kGjS53HxhQOCVSA=,tag:GIj681nFHq0gxI8JFRTwZg==,type:str]
      version: 3.13.3
    ```
    """
    if file.rule is None or file.rule.failure or not file.written or file.within is not None:
        return  # the selector of a rule is that for manifests, which a file within a value is not
    own, wanted = (selector if selector[0] else DEFAULT for selector in (file.selector, file.rule.selector))
    fix = f"encrypt it anew: {file.again}"
    if own != wanted:
        message = f"it is encrypted by {own[0]} {own[1]}, and the creation rule in {file.rule.config} says {wanted[0]} {wanted[1]}"
        yield Problem(file.metadata(own[0]), message, fix)
    if file.mac_only_encrypted != file.rule.mac_only_encrypted:
        only, all_of_it = "what is encrypted", "all values"
        says, should = (only, all_of_it) if file.mac_only_encrypted else (all_of_it, only)
        yield Problem(file.metadata("mac_only_encrypted"), f"its MAC covers {says}, and the creation rule in {file.rule.config} wants {should}", fix)
