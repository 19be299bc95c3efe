"""An object that does not arrive is told of once: what refers to it, as it was meant to be, adds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.check import Options, check

POD = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: "registry.example/web:1.0"
      envFrom: [{configMapRef: {name: settings}}]
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: b}\n"


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("", "", set()),
        ("kind: ConfigMap", "kind: ConfigMapp", {"api-verdict"}),
        ("name: settings", "name: Settings", {"api-verdict"}),
        ("namespace: shop", "namespace: shopp", {"missing-namespace"}),
        ("name: settings", "name: setting", {"dangling-config-map-ref"}),
        ("name: settings, namespace", "name: other_, namespace", {"api-verdict", "dangling-config-map-ref"}),
    ],
)
def test_what_was_meant_is_not_missed_as_well(tmp_path: Path, old: str, new: str, rules: set[str]) -> None:
    (tmp_path / "clusters/dev").mkdir(parents=True)
    (tmp_path / "clusters/dev/pod.yaml").write_text(POD)
    (tmp_path / "clusters/dev/settings.yaml").write_text(SETTINGS.replace(old, new))
    found = check(Options(path=tmp_path, cache=False)).findings
    assert {finding.rule for finding in found if finding.severity.name == "ERROR"} == rules
