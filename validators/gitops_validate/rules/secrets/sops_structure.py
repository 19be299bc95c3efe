from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFile, Leaf
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place, route
from gitops_validate.routes import dotted
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def sops_structure(file: EncryptedFile, repo: Repo) -> Problems:
    """An encrypted file that SOPS could not decrypt, or that is not encrypted where it should be.

    Such a file looks encrypted in a review. Ciphertext that was cut or edited, metadata without recipients or MAC and values outside of the
    selector stop Flux at the decryption; a value inside of the selector that is not ciphertext gives a secret away. No key is needed to see
    any of it.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      token: ENC[AES256_GCM,data:cGFzc3dvcmQ=,iv:AA==,tag:AA==,type:str] # finding
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      mode: safe
    ```
    """
    if not _only_claims(file, repo):
        for problem in file.problems:
            yield Problem(Place(file.path, problem.line, problem.column), problem.message)
    for leaf in file.leaves:
        said = _about(leaf, file)
        if said and not (leaf.state == "plain" and _is_secret_data(leaf, file, repo)):
            yield Problem(
                file.at(leaf), f"{dotted(file.at(leaf).route)} {said}", f"encrypt the file again: sops --encrypt --in-place {quote(file.path)}"
            )


def _about(leaf: Leaf, file: EncryptedFile) -> str:
    selector = " ".join(part for part in file.selector if part)
    match leaf.state:
        case "malformed":
            return "looks like ciphertext but cannot be decrypted"
        case "plain" if leaf.selected:
            return f"stands in plain text, although {selector or 'the selector'} selects it"
        case "encrypted" if not leaf.selected:
            return f"is ciphertext that {selector or 'the selector'} does not select, so that it would never be decrypted"
    return ""


def _is_secret_data(leaf: Leaf, file: EncryptedFile, repo: Repo) -> bool:
    """Plain text in the data of a Secret is what plaintext-secret reports."""
    manifest = repo.at(file.path, leaf.document)
    secret = manifest is not None and manifest.ref is not None and manifest.ref.kind == "Secret"
    return secret and route(leaf.pointer)[:1] in (("data",), ("stringData",))


def _only_claims(file: EncryptedFile, repo: Repo) -> bool:
    """Whether nothing in a Secret is encrypted, so that its metadata is not what is wrong."""
    plain = any(leaf.state == "plain" and _is_secret_data(leaf, file, repo) for leaf in file.leaves)
    return plain and all(leaf.state not in ("encrypted", "malformed") for leaf in file.leaves)
