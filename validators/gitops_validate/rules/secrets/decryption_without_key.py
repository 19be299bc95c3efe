from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from gitops_validate.existing.loose import mapping
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import FluxKustomization, Render, Rendered, RenderedObject
from gitops_validate.rule import Problems, rule

ENDINGS = (".agekey", ".asc", "sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms")
"""What Flux looks for in the Secret."""
CLOUD = ("kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "key_groups")
"""Where metadata list recipients that a controller may have access to without a Secret."""
FLAG = b"--sops-age-secret"
LONGEST = 253


@rule(Severity.WARNING)
def decryption_without_key(kustomization: FluxKustomization, render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """Decryption that has no key to decrypt with.

    `spec.decryption.secretRef` names the Secret that holds the private keys. It is put into the cluster by hand, once, so that a checkout rarely has it; but it can be seen
    that a name is a slip of that which all others use, that a Secret which is there has no key of a name that Flux looks for (`*.agekey`, `*.asc`), or that
    it comes from the very Kustomization that could only apply it with its help. Without any secretRef, files for age or PGP can only be decrypted where the
    controller runs with `--sops-age-secret`.

    **Avoid**

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
      decryption: # finding
        provider: sops
      sourceRef:
        kind: GitRepository
        name: flux-system
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

    **Prefer**

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
    decryption = kustomization.spec.get("decryption")
    if not isinstance(decryption, dict) or decryption.get("provider") != "sops" or kustomization.object is None:
        return
    reference = decryption.get("secretRef")
    name = str(reference.get("name") or "") if isinstance(reference, dict) else ""
    if not name:
        yield from _keyless(kustomization, render, rendered, repo)
        return
    spot, secret = kustomization.at("decryption", "secretRef", "name"), f"Secret/{kustomization.ref.namespace}/{name}"
    found = rendered.by_kind.get(("Secret", kustomization.ref.namespace, name))
    if found is not None and found.reconciler == kustomization.ref and found.encrypted:
        yield Problem(spot, f"{secret} is encrypted and comes from {kustomization.ref} itself, which needs it to decrypt", "apply it by hand, once")
    elif found is not None and not any(key.endswith(ENDINGS) for key in _keys(found)):
        message = f"{secret} has no key that ends with one of {', '.join(ENDINGS)}, so that Flux finds no private key in it"
        yield Problem(spot, message, "name the key identity.agekey")
    elif found is None and (meant := _meant(name, kustomization, rendered)):
        yield Problem(spot, f"{secret} is named here alone, and nothing brings it", f"did you mean {meant}?")


def _keyless(kustomization: FluxKustomization, render: Render, rendered: Rendered, repo: Repo) -> Iterator[Problem]:
    """Without a Secret there is the controller's own key, or the identity that a cloud gives it, which is of no use for age and PGP."""
    if any(FLAG in each.raw for each in rendered.objects):
        return
    for thing in render.objects:
        written = repo.at(thing.origin.path, 0) if thing.encrypted else None
        metadata = written.data.get("sops") if written is not None and isinstance(written.data, dict) else None
        if isinstance(metadata, dict) and any(metadata.get(kind) for kind in ("age", "pgp")) and not any(metadata.get(kind) for kind in CLOUD):
            message = f"{kustomization.ref} decrypts {thing.ref} and names no Secret with the private key"
            yield Problem(kustomization.at("decryption"), message, "add secretRef: {name: sops-age}, or start the controller with --sops-age-secret")
            return


def _keys(secret: RenderedObject) -> set[str]:
    return {key for field in ("data", "stringData") for key in mapping(secret.get(field))}


def _meant(name: str, kustomization: FluxKustomization, rendered: Rendered) -> str:
    """The name that other Kustomizations beside it share, if this one is nearly that and nobody else uses it."""
    used = [
        _named(each.reconciler.spec.get("decryption")) for each in rendered.renders if each.reconciler.ref.namespace == kustomization.ref.namespace
    ]
    others = [other for other in used if used.count(other) > 1 and other != name]
    close = get_close_matches(name, sorted(set(others)), n=1, cutoff=0.85) if used.count(name) == 1 else []
    return close[0] if close else ""


def _named(decryption: object) -> str:
    match decryption:
        case {"secretRef": {"name": str(name)}} if len(name) <= LONGEST:
            return name
    return ""
