"""Merge conflicts are found in YAML that parses, too; what was read and holds none is not read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.leftovers import conflicts
from gitops_validate.model.manifest import FileProblem, Manifest, Repo, YamlFile

CONFLICT = "a: b\n<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> other\n"


def repo(root: Path, path: str, *texts: bytes, problems: tuple[FileProblem, ...] = ()) -> Repo:
    """A checkout of one file with a conflict, which was read as these texts."""
    (root / path).write_text(CONFLICT)
    manifests = tuple(Manifest(path, number, 1, text) for number, text in enumerate(texts))
    return Repo(root, {path: "digest"}, {path: YamlFile(path, manifests, problems)})


def test_a_text_may_hold_one(tmp_path: Path) -> None:
    assert conflicts(repo(tmp_path, "x.yaml", b'{"a": "b"}', b'"<<<<<<< HEAD mine ======= theirs >>>>>>> other"'), "x.yaml") == [2]


@pytest.mark.parametrize("path", ["x.yaml", "x.json", "x.txt"])
def test_a_file_that_was_not_read_whole_may_hold_one(path: str, tmp_path: Path) -> None:
    problems = () if path == "x.json" else (FileProblem(path, "yaml", "no"),)  # what is no JSON to Kubernetes is no fault, and was not read either
    found = repo(tmp_path, path, b"{}", problems=problems)
    assert conflicts(found if path != "x.txt" else Repo(found.root, found.digests, {}), path) == [2]


def test_a_file_whose_texts_hold_none_is_not_read_again(tmp_path: Path) -> None:
    assert conflicts(repo(tmp_path, "x.yaml", b'{"a": "b"}'), "x.yaml") == []
