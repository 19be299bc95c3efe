from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.existing.loose import dig
from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Failure, FluxKustomization, Render, Rendered
from gitops_validate.rule import Problems, rule

ANNOTATION = "kustomize.toolkit.fluxcd.io/decrypt"


@rule(Severity.ERROR)
def undecrypted_secret(kustomization: FluxKustomization, render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """An encrypted object in a Kustomization that does not decrypt it.

    kustomize-controller decrypts only where `spec.decryption` says so, and leaves alone what is annotated with `kustomize.toolkit.fluxcd.io/decrypt: disabled`. It
    refuses a Secret that still bears the metadata of SOPS, as the API server does any other object, and nothing of the Kustomization is applied; a Secret
    that is generated from an encrypted file reaches the cluster as ciphertext.

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
    found = failure(render, rendered, repo)
    if found is not None and found.reason == "encrypted-secret":
        yield from _switched_off(found, repo)
    if kustomization.object is None or kustomization.object.ref.kind != "Kustomization" or kustomization.spec.get("decryption"):
        return
    for thing in render.objects:
        if thing.encrypted:
            message = f"{thing.ref.kind}/{thing.ref.name} is encrypted, and {kustomization.ref}, which applies it, decrypts nothing"
            yield Problem(kustomization.at(), message, "add spec.decryption with provider: sops and the secretRef of the key")
            return


def _switched_off(found: Failure, repo: Repo) -> Iterator[Problem]:
    """The annotation that keeps Flux from decrypting a Secret; a missing MAC is what sops-structure tells."""
    for manifest in repo.files[found.path].manifests if found.path in repo.files else ():
        if dig(manifest.data, "metadata", "annotations", ANNOTATION) is not None and dig(manifest.data, "sops", "mac"):
            message = f"{found.message}; the API server refuses the field sops, and nothing of the Kustomization is applied"
            yield Problem(manifest.at("metadata", "annotations", ANNOTATION), message, "take the annotation away")
