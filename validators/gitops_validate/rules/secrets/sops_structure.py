from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFile, Leaf
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place, route
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule

ELSEWHERE = frozenset({"too-large", "empty", "yaml-syntax", "encoding", "too-deep", "alias-limit", "unreadable"})
"""Reasons that oversized-encrypted-file, empty-encrypted-file and yaml-syntax tell."""


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
            if problem.reason not in ELSEWHERE:
                yield Problem(Place(file.path, problem.line, problem.column), problem.message, _fix(problem.reason, file))
    for leaf in file.leaves:
        said = _about(leaf, file)
        if said and not (leaf.state == "plain" and is_secret_data(leaf, file, repo)):
            yield Problem(file.at(leaf), f"{dotted(route(leaf.pointer))} {said}", _fix(leaf.state, file))


def _fix(reason: str, file: EncryptedFile) -> str:
    """The command that mends it. What SOPS cannot decrypt any more is brought back, or written anew."""
    name = quote(file.path)
    match reason:
        case "plaintext-comment":
            return f"sops rotate --in-place {name} encrypts it"
        case "plain" | "plain-value":
            return f"take the line out and write another value by: sops edit --ignore-mac {name}"
        case "nonce-reuse":
            return f"write a value of its own: sops edit {name}"
        case "bad-recipient" | "age-malformed" | "bad-threshold":
            return file.sops("updatekeys --yes")
        case "encrypted" | "unselected-ciphertext":
            return f"move it below what the selector chooses, by sops edit {name} of the version before: git log -- {name}"
        case "nothing-selected" | "bad-selector" | "several-selectors":
            return f"mend the selector here and in .sops.yaml, then: sops encrypt --in-place {name}"
    return f"bring back what SOPS wrote: git log -- {name}; or write the values anew: sops encrypt --in-place {name}"


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


def is_secret_data(leaf: Leaf, file: EncryptedFile, repo: Repo) -> bool:
    """Plain text in the data of a Secret is what plaintext-secret and unselected-value report."""
    manifest = repo.at(file.path, leaf.document)
    secret = manifest is not None and manifest.ref is not None and manifest.ref.kind == "Secret"
    return secret and route(leaf.pointer)[:1] in (("data",), ("stringData",))


def _only_claims(file: EncryptedFile, repo: Repo) -> bool:
    """Whether nothing in a Secret is encrypted, so that its metadata is not what is wrong."""
    if file.encloses:
        return False
    plain = any(leaf.state == "plain" and is_secret_data(leaf, file, repo) for leaf in file.leaves)
    return plain and all(leaf.state not in ("encrypted", "malformed") for leaf in file.leaves)
