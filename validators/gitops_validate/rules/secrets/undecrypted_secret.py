from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import FluxKustomization, Render
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def undecrypted_secret(kustomization: FluxKustomization, render: Render) -> Problems:
    """An encrypted Secret in a Kustomization that does not decrypt.

    kustomize-controller decrypts only where `spec.decryption` says so. Without it, it refuses a Secret that bears the metadata of SOPS, and nothing of the
    Kustomization is applied.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec: # finding
      interval: 10m
      path: ./apps/dev
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/database.sops.yaml
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

    **Prefer**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/dev
      prune: true
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/dev/database.sops.yaml
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
    if kustomization.object is None or kustomization.object.ref.kind != "Kustomization" or kustomization.spec.get("decryption"):
        return
    for thing in render.objects:
        if thing.encrypted and thing.ref.kind == "Secret":
            message = f"Secret/{thing.ref.name} is encrypted, and {kustomization.ref}, which applies it, decrypts nothing"
            yield Problem(kustomization.at(), message, "add spec.decryption with provider: sops and the secretRef of the key")
            return
