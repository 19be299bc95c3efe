"""What the overlays of a generated platform hold is declared; what a person changes in one of them alone is told by one rule."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitops_generate import copying
from gitops_validate.check import Options, check
from gitops_validate.model.report import Report

GRAFANA = "platform/kube-prometheus-stack/controller/overlays/{}/custom/values.yaml"
DATABASE = "platform/mlflow/data/overlays/{}/custom/kustomization.yaml"
PATCH = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - patch: |
      apiVersion: postgresql.cnpg.io/v1
      kind: Cluster
      metadata:
        name: mlflow-db
        namespace: mlflow
      spec:
        logLevel: debug
"""
EDITS = {
    "other limits": (GRAFANA.format("prod"), "grafana:\n  resources:\n    limits:\n      memory: 3Gi\n", "undeclared-difference", 4),
    "another log level": (GRAFANA.format("dev"), "prometheus:\n  prometheusSpec:\n    logLevel: debug\n", "undeclared-difference", 3),
    "a patch in one": (DATABASE.format("stage"), PATCH, "undeclared-difference", 11),
    "a newer chart": ("platform/mlflow/controller/overlays/prod/version.yaml", "version: 1.11.5 -> version: 1.11.6", "version-ahead", 0),
    "a component less": ("clusters/dev/kustomization.yaml", "  - metrics-server.yaml -> ", "missing-component", 0),
    "another one's folder": (
        "clusters/dev/mlflow.yaml",
        "mlflow/monitoring/overlays/dev -> mlflow/monitoring/overlays/stage",
        "foreign-environment",
        0,
    ),
    "another one's host": ("platform/mlflow/config/overlays/dev/routes.yaml", "mlflow.dev.ml -> mlflow.stage.ml", "foreign-environment", 0),
}
"""By story: the file, what is written there or what becomes of what, the rule that speaks, and its line where it is that of the file."""


@pytest.fixture(scope="module")
def healthy(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("parity") / "platform"
    copying.copy(made, {}, ask=False, address=str(template), version="v1.0.0")
    return made


@pytest.fixture
def edited(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy, tmp_path / "platform"))


def told(root: Path) -> list[tuple[str, str, int]]:
    report: Report = check(Options(root, offline=True))
    return [(each.rule, each.place.path, each.place.line) for each in report.findings]


def test_nothing_but_what_is_declared_differs(healthy: Path) -> None:
    assert told(healthy) == []


@pytest.mark.slow
def test_each_declaration_is_of_use(healthy: Path, edited: Path) -> None:
    """Without any of them, something is told."""
    file, yaml = edited / ".gitops-validate.yaml", YAML()
    whole = yaml.load(healthy / ".gitops-validate.yaml")
    useless = []
    for index, entry in enumerate(whole["differ"]):
        config: Any = yaml.load(healthy / ".gitops-validate.yaml")
        del config["differ"][index]
        yaml.dump(config, file)
        if not told(edited):
            useless.append(entry["object"])
    assert useless == ["Certificate/envoy-gateway-system/platform"]  # whose common name differs if a domain is too long for one


@pytest.mark.slow
@pytest.mark.parametrize("story", EDITS)
def test_one_edit_makes_one_rule_speak(story: str, edited: Path) -> None:
    name, text, rule, line = EDITS[story]
    old, arrow, new = text.partition(" -> ")
    before = (edited / name).read_text(encoding="utf-8")
    assert not arrow or old in before
    (edited / name).write_text(before.replace(old, new) if arrow else text, encoding="utf-8")
    found = told(edited)
    assert {each for each, _, _ in found} - {"unused-base", "orphaned-file"} == {rule}, found
    assert not line or found == [(rule, name, line)]
