"""Encrypted files that no page can show: large ones, and those that are neither YAML nor JSON."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.encrypted import CIPHERTEXT
from gitops_validate.model.manifest import Repo
from gitops_validate.secrets.sealed import configuration, sealed, sibling

VALUE = f"{CIPHERTEXT}data:AAAA,iv:q2CukR0gOyqtHtl83Dy4vXsijLejV2Z5Q2dk+YBCez8=,tag:EwEnPL8SLTWVPlNhRBcCJA==,type:str]"
CLUSTER = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n"


@pytest.mark.parametrize("name", ["database.sops.yaml", "dump.sops.json", "model.bin"])
def test_a_file_that_flux_is_too_small_for_is_found_once(name: str, checked):
    large = f'{{"data": "{VALUE}", "more": "{"A" * (5 << 20)}", "sops": {{"mac": "{VALUE}"}}}}'
    outcome = checked({f"clusters/dev/{name}": large, "clusters/dev/web.yaml": CLUSTER})
    assert outcome.rules == {"oversized-encrypted-file"}, outcome.said
    assert outcome.lines == {(f"clusters/dev/{name}", 1)}


@pytest.mark.parametrize("name", ["database.env", "database"])
def test_what_is_wrong_with_an_environment_file_stands_at_its_line(name: str, checked):
    broken = VALUE.replace("type:str", "type:text")
    outcome = checked({f"clusters/dev/{name}": f"USER={VALUE}\nPASSWORD={broken}\nsops_mac={VALUE}\n", "clusters/dev/web.yaml": CLUSTER})
    assert outcome.rules == {"sops-structure"}, outcome.said
    assert (f"clusters/dev/{name}", 2) in outcome.lines


def test_an_empty_environment_file_is_found(checked):
    outcome = checked({"clusters/dev/database.sops.env": "", "clusters/dev/web.yaml": CLUSTER, "clusters/dev/notes.env": ""})
    assert [(each.rule, each.place.path) for each in outcome.report.findings] == [("empty-encrypted-file", "clusters/dev/database.sops.env")]


def test_a_document_that_quotes_an_encrypted_file_is_none(tmp_path: Path):
    (tmp_path / "README.md").write_text(f'```json\n{{"sops": {{"mac": "{VALUE}"}}}}\n```\n')
    assert sealed(Repo(tmp_path, {"README.md": "1"}, {})) == {}


def test_the_nearest_configuration_counts(tmp_path: Path):
    repo = Repo(tmp_path, {".sops.yaml": "1", "clusters/dev/.sops.yaml": "2", "apps/a.yaml": "3"}, {})
    assert configuration(repo, "clusters/dev/a/b.yaml") == "clusters/dev/.sops.yaml"
    assert configuration(repo, "clusters/prod/a.yaml") == configuration(repo, "a.yaml") == ".sops.yaml"
    assert configuration(Repo(tmp_path, {}, {}), "a.yaml") == ""


def test_a_sibling_has_the_same_folder_and_ending():
    assert (sibling("a/b/database.secret.yaml"), sibling("database.yaml")) == ("a/b/-.yaml", "-.yaml")


def test_a_file_of_another_environment_is_told_once(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "repos/recipients-differ/avoid-another-environments/", tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "clusters/prod/database.sops.yaml", tmp_path / "clusters/dev/database.sops.yaml")
    (told,) = [each for each in check(Options(path=tmp_path, cache=False)).findings if each.rule == "recipients-differ"]
    assert "can read it" in told.message and told.message.endswith("which that names, cannot")
