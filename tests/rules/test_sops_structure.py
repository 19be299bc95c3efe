"""What is said of an encrypted file, by what the engine saw in it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.place import At
from gitops_validate.rule import rules
from gitops_validate.secrets.inspected import encrypted_file

SECRET = orjson.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "stringData": {"a": "…"}, "sops": {}})
REPO = Repo(Path("/nowhere"), {}, {"a.yaml": YamlFile("a.yaml", (Manifest("a.yaml", 0, 1, SECRET),))})
SELECTOR = {"kind": "encrypted_regex", "value": "^(data|stringData)$"}


def said(*leaves: dict[str, object], problems: tuple[dict[str, object], ...] = ()) -> list[tuple[object, str]]:
    answer = {"recipients": [[{"type": "age", "id": "age1x"}]], "selector": SELECTOR, "leaves": list(leaves), "problems": list(problems)}
    file: EncryptedFile = encrypted_file("a.yaml", answer)
    return [(problem.at, problem.message) for problem in rules()["sops-structure"].problems(file, {Repo: REPO})]


def leaf(pointer: str, state: str, *, selected: bool = True) -> dict[str, object]:
    return {"document": 0, "pointer": pointer, "state": state, "selected": selected, "type": "str", "line": 1, "column": 1}


def test_a_file_that_is_encrypted_where_it_should_be_is_clean():
    assert not said(leaf("/stringData/a", "encrypted"), leaf("/stringData/b", "empty"), leaf("/metadata/name", "plain", selected=False))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (leaf("/stringData/a", "malformed"), "cannot be decrypted"),
        (leaf("/metadata/name", "plain"), "plain text, although encrypted_regex"),
        (leaf("/metadata/name", "encrypted", selected=False), "does not select"),
    ],
)
def test_a_leaf_that_is_not_what_it_should_be_is_found(entry: dict[str, object], words: str):
    ((at, message),) = said(leaf("/stringData/b", "encrypted"), entry)
    assert isinstance(at, At) and at.pointer == entry["pointer"]
    assert words in message


def test_plain_text_in_the_data_of_a_secret_is_left_to_plaintext_secret():
    assert not said(leaf("/stringData/a", "plain"), leaf("/stringData/b", "encrypted"))


def test_faults_of_the_metadata_are_told_where_something_is_encrypted():
    fault = {"reason": "no-mac", "message": "the metadata have no mac", "line": 7, "column": 1}
    assert [message for _, message in said(leaf("/stringData/a", "encrypted"), problems=(fault,))] == ["the metadata have no mac"]
    assert not said(leaf("/stringData/a", "plain"), problems=(fault,))
