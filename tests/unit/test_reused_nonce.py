"""Which nonces are used twice under one data key, in different files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.model.encrypted import EncryptedFile, EncryptedFiles, Seal
from gitops_validate.model.manifest import Repo
from gitops_validate.rules.secrets.reused_nonce import reused_nonce

ONE = EncryptedFile("a.sops.yaml", keys=frozenset({"k", "l"}), seals=(Seal("n", "d", 3, 1), Seal("m", "e", 4, 1)))


def told(*files: EncryptedFile) -> list[str]:
    context = {EncryptedFiles: EncryptedFiles(lambda: files)}
    return [problem.message for problem in reused_nonce.problems(Repo(Path("/nowhere"), {}, {}), context)]


@pytest.mark.parametrize(
    ("keys", "seal", "found"),
    [
        ({"l", "x"}, Seal("n", "other", 7, 1), True),
        ({"x"}, Seal("n", "other", 7, 1), False),
        ({"l"}, Seal("n", "d", 7, 1), False),
        ({"l"}, Seal("o", "other", 7, 1), False),
    ],
    ids=["another text", "another data key", "a copy", "another nonce"],
)
def test_one_nonce_for_two_texts_under_one_data_key_is_found(keys: set[str], seal: Seal, found: bool) -> None:
    messages = told(ONE, EncryptedFile("b.sops.yaml", keys=frozenset(keys), seals=(seal,)))
    assert [message[:47] for message in messages] == (["line 7 has the nonce that a.sops.yaml uses in l"] if found else [])


def test_a_file_tells_its_own_elsewhere() -> None:
    assert told(EncryptedFile("a.sops.yaml", keys=frozenset({"k"}), seals=(Seal("n", "d", 3, 1), Seal("n", "e", 4, 1)))) == []
