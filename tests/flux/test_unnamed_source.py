"""A source that only one Kustomization names stands for this checkout only where the source that the entry is synced from is not declared."""

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
