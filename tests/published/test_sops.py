"""SOPS's own encrypted files (getsops/sops, 15e36f97a): they are for PGP and KMS keys, so that they are looked into without a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from encrypted import WITHOUT_KEY, Break, files, inspected

from gitops_validate.engine import Engine

REPOSITORY = "sops"
FOLDERS = (
    "example.yaml",
    "example.json",
    "example.ini",
    "example.txt",
    "examples",
    "functional-tests/res",
    "config/test_resources",
    "stores/ini/test_resources",
)
MEANT = {"functional-tests/res/no_mac.yaml": {"no-mac"}, "functional-tests/res/comments_unencrypted_comments.yaml": {"plaintext-comment"}}
"""What SOPS's tests expect to be refused, or warned of."""


def test_its_files_pass_as_their_authors_mean(published: Path, engine: Engine) -> None:
    found = {path.relative_to(published).as_posix(): set(inspected(engine, path.name, path.read_bytes())) for path in files(published, *FOLDERS)}
    assert {name: said for name, said in found.items() if said} == MEANT
    assert len(found) == 17


@pytest.mark.parametrize("story", WITHOUT_KEY)
def test_each_broken_in_one_place_is_found_for_that(story: str, published: Path, engine: Engine) -> None:
    broken: Break = WITHOUT_KEY[story]
    sound = [path for path in files(published, *FOLDERS) if path.relative_to(published).as_posix() not in MEANT]
    said = {path: set(inspected(engine, path.name, broken.change(path.read_text()).encode())) for path in sound}
    assert {path.name: words for path, words in said.items() if broken.said not in words} == {}
    assert len(said) == 15
