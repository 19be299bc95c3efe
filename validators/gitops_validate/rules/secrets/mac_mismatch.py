from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def mac_mismatch(file: EncryptedFile) -> Problems:
    """An encrypted file that somebody has changed by hand.

    SOPS signs all values of a file, the readable ones too, with a MAC that only who has the key can make. `sops` refuses a file whose MAC does not fit;
    kustomize-controller does not look, and applies what was changed. Seen only with `check --age-key-file FILE`, outside of merge requests.
    """
    for problem in file.altered:
        fix = f"if the change is meant, {_meant(file)}; else take it back"
        yield Problem(Place(file.path, problem.line, problem.column), problem.message, fix)


def _meant(file: EncryptedFile) -> str:
    if file.within is None:
        return f"`gitops-generate secrets seal {quote(file.path)}`"
    return "decode the value into a file, write its values by `sops edit --ignore-mac FILE`, and put it back in base64"
