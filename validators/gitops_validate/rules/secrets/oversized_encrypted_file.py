from __future__ import annotations

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def oversized_encrypted_file(file: EncryptedFile) -> Problems:
    """An encrypted file of more than 5 MiB.

    Flux decrypts no larger one: the Kustomization that makes a Secret of it fails, and nothing of it is applied. A Secret may not hold more than 1 MiB anyway. Data of
    that size belongs into a bucket or an image, and only the key to it into a Secret.
    """
    for problem in file.problems:
        if problem.reason == "too-large":
            yield Problem(Place(file.path, 1, 1), problem.message, "keep the data elsewhere, and encrypt only what gives access to it")
