"""What is empty or not listed passes for what is wanted with Flux, or is not there at all once it was pushed."""

from __future__ import annotations

from pathlib import Path

from conftest_rules import write

from gitops_validate.check import Options, check

APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n"


def told(root: Path) -> list[str]:
    return [f"{finding.rule} {finding.place.path}:{finding.place.line}" for finding in check(Options(path=root)).findings]


def test_a_folder_without_a_file_is_missing_until_there_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"clusters/dev/apps.yaml": APPS})
    (tmp_path / "apps/within").mkdir(parents=True)
    assert told(tmp_path) == ["missing-path clusters/dev/apps.yaml:6"]
    write(tmp_path, {"apps/within/settings.yaml": SETTINGS})
    assert told(tmp_path) == []


def test_a_folder_whose_files_are_no_manifests_is_there_and_applies_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"clusters/dev/apps.yaml": APPS, "apps/README.md": "# Nothing yet\n"})
    assert told(tmp_path) == ["empty-build clusters/dev/apps.yaml:6"]


def test_one_that_fails_is_not_said_to_be_empty(tmp_path: Path) -> None:
    write(tmp_path, {"clusters/dev/apps.yaml": APPS, "apps/kustomization.yaml": "resources: [absent.yaml]\n"})
    assert told(tmp_path) == ["missing-path apps/kustomization.yaml:1"]


def test_a_file_that_one_kustomization_does_not_list_is_told_although_another_lists_its_own_of_that_name(tmp_path: Path) -> None:
    files = {f"clusters/{name}/{file}.yaml": SETTINGS.replace("settings", file) for name in ("dev", "prod") for file in ("apps", "infra")}
    write(tmp_path, files | {f"clusters/{name}/kustomization.yaml": "resources: [infra.yaml, apps.yaml]\n" for name in ("dev", "prod")})
    assert told(tmp_path) == []
    write(tmp_path, {"clusters/dev/kustomization.yaml": "resources: [infra.yaml]\n"})
    assert told(tmp_path) == ["orphaned-file clusters/dev/apps.yaml:1"]
    write(tmp_path, {"later/kustomization.yaml": "resources: [../clusters/dev/apps.yaml]\n"})
    assert "orphaned-file clusters/dev/apps.yaml:1" not in told(tmp_path)
