"""A source that only one Kustomization names stands for this checkout only where the source that the entry is synced from is not declared, and something here is built from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.cli.entry import run

from .written import APPS

SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, url: "https://git.example.org/fleet.git", ref: {branch: main}}
"""
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n"


@pytest.mark.parametrize(("source", "code"), [(SOURCE, 1), (MAP, 0)])
def test_a_name_that_nothing_declares_is_found_beside_the_source_of_the_entry(
    source: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {
        "clusters/dev/apps.yaml": APPS.replace("{kind: GitRepository, name: flux-system}", "{kind: GitRepository, name: slip}"),
        "clusters/dev/source.yaml": source,
        "apps/settings.yaml": MAP.replace("settings", "other"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(["check", str(tmp_path), "--no-cache", "--offline"]) == code
    said = capsys.readouterr().out
    assert ("clusters/dev/apps.yaml:8:" in said and "dangling-source-ref" in said) is (code == 1)


@pytest.mark.parametrize(("path", "code"), [("./apps", 0), ("./kustomize", 3), ("./", 3)])
def test_the_only_source_that_is_named_is_another_place_if_nothing_here_is_built_from_it(
    path: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {
        "clusters/dev/apps.yaml": APPS.replace("name: flux-system}\n", "name: podinfo}\n").replace("path: ./apps", f"path: {path}"),
        "clusters/dev/source.yaml": SOURCE.replace("{name: flux-system,", "{name: podinfo,"),
        "apps/settings.yaml": MAP,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(["check", str(tmp_path), "--no-cache", "--offline"]) == code
    said = capsys.readouterr().out
    assert ("the files of GitRepository/flux-system/podinfo are not in this checkout" in said) is (code == 3)


def test_the_entry_is_of_a_source_that_the_configuration_says_is_the_checkout(tmp_path: Path) -> None:
    for name, text in {
        ".gitops-validate.yaml": "version: 1\nsources: {self: [Bucket/flux-system/fleet]}\n",
        "clusters/dev/apps.yaml": APPS.replace("{kind: GitRepository, name: flux-system}", "{kind: Bucket, name: fleet}"),
        "apps/settings.yaml": MAP,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(["check", str(tmp_path), "--no-cache", "--offline"]) == 0


@pytest.mark.parametrize(("ref", "code"), [("{branch: main}", 1), ("{tag: v1.0.0}", 3)])
def test_another_revision_of_the_repository_may_have_other_folders(ref: str, code: int, tmp_path: Path) -> None:
    for name, text in {
        "clusters/dev/apps.yaml": APPS.replace("name: flux-system}\n", "name: former}\n"),
        "clusters/dev/other.yaml": APPS.replace("name: apps,", "name: other,").replace("./apps", "./other"),
        "clusters/dev/source.yaml": f"{SOURCE}---\n{SOURCE.replace('{name: flux-system,', '{name: former,').replace('{branch: main}', ref)}",
        "other/settings.yaml": MAP,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(["check", str(tmp_path), "--no-cache", "--offline"]) == code
