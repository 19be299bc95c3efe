"""kustomize-controller's own encrypted files (fluxcd/kustomize-controller, 186fb3b), with the age keys that it publishes for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from encrypted import WITH_KEY, WITHOUT_KEY, files, inspected, verified

from gitops_validate.check import Options, check
from gitops_validate.engine import Engine

REPOSITORY = "kustomize-controller"
FOLDER = "internal/controller/testdata/sops"
ELSEWHERE = {"pgp.yaml", "vault.yaml"}
"""For keys that nothing here opens."""


@pytest.fixture(scope="module")
def keys(published: Path) -> bytes:
    """The age keys of its tests."""
    return b"\n".join(path.read_bytes() for path in sorted((published / FOLDER / "keys").glob("age*.txt")))


def test_its_files_pass(published: Path, engine: Engine, keys: bytes) -> None:
    found = files(published, FOLDER)
    assert {path.name: said for path in found if (said := list(inspected(engine, path.name, path.read_bytes())))} == {}
    own = [path for path in found if path.name not in ELSEWHERE]
    assert {path.name: verdict for path in own if (verdict := verified(engine, path.name, path.read_bytes(), keys)) != ("valid", [])} == {}
    assert (len(found), len(own)) == (10, 9)


@pytest.mark.parametrize("story", [*WITHOUT_KEY, *WITH_KEY])
def test_each_broken_in_one_place_is_found_for_that(story: str, published: Path, engine: Engine, keys: bytes) -> None:
    broken = {**WITHOUT_KEY, **WITH_KEY}[story]
    own = [path for path in files(published, FOLDER) if path.name not in ELSEWHERE]
    for path in own:
        body = broken.change(path.read_text()).encode()
        said = list(inspected(engine, path.name, body)) if story in WITHOUT_KEY else verified(engine, path.name, body, keys)[1]
        assert broken.said in said, (path.name, said)
    assert len(own) == 9


def test_a_name_that_was_edited_is_found(published: Path, engine: Engine, keys: bytes) -> None:
    manifests = [path for path in files(published, FOLDER) if path.suffix == ".yaml" and path.name not in ELSEWHERE]
    for path in manifests:
        body = path.read_text().replace("namespace: default", "namespace: other", 1).encode()
        body = body if body != path.read_bytes() else path.read_text().replace("  name: ", "  name: my-", 1).encode()
        assert verified(engine, path.name, body, keys) == ("invalid", ["mac-mismatch"]), path.name
    assert len(manifests) == 5


def test_the_key_of_somebody_else_opens_nothing(published: Path, engine: Engine) -> None:
    other = (published / FOLDER / "keys/age-global.txt").read_bytes()
    said = {path.parent.name: verified(engine, path.name, path.read_bytes(), other)[1] for path in files(published, FOLDER) if path.suffix == ".env"}
    assert said == {folder: ["no-key"] for folder in ("component", "envs", "remote")}


ENTRY = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: sops
  namespace: flux-system
spec:
  interval: 10m
  path: ./sops
  prune: true
{decryption}  sourceRef:
    kind: GitRepository
    name: flux-system
"""
DECRYPTION = "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-keys\n"


OWN = {
    ("plaintext-secret-generator", "sops/patches/kustomization.yaml"),
    ("recipients-differ", "sops/algorithms/age-pq.yaml"),
    ("recipients-differ", "sops/global/secret.yaml"),
}
"""A literal that a test needs, and files whose keys the .sops.yaml beside them does not name."""


def test_the_folder_as_a_checkout_is_built_with_decryption_and_not_without(published: Path, tmp_path: Path) -> None:
    """Its remote resource, and its keys, which are in the tree, are left out."""
    shutil.copytree(published / FOLDER, tmp_path / "sops", ignore=shutil.ignore_patterns("keys", "remote", "vault.yaml"))
    for path in (tmp_path / "sops/kustomization.yaml", tmp_path / "sops/algorithms/kustomization.yaml"):
        path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "remote" not in line and "vault" not in line))
    entry = tmp_path / "clusters/dev/sops.yaml"
    entry.parent.mkdir(parents=True)
    said = []
    for decryption in (DECRYPTION, ""):
        entry.write_text(ENTRY.format(decryption=decryption))
        report = check(Options(tmp_path, offline=True, cache=False, workers=1))
        said.append({(each.rule, each.place.path) for each in report.findings if each.severity.name == "ERROR"})
        assert not report.incomplete
    assert said == [OWN, {*OWN, ("undecrypted-secret", "clusters/dev/sops.yaml")}]
