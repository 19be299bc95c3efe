"""One fault at a time in a generated platform with the real charts: exactly one rule speaks, at the line that a person has to edit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from gitops_generate import copying
from gitops_validate.check import Options, check

MLFLOW = "platform/mlflow"
VALUES, DATABASE = f"{MLFLOW}/controller/base/values.yaml", f"{MLFLOW}/data/base/database.yaml"
ROUTES, MONITORING = f"{MLFLOW}/config/base/routes.yaml", f"{MLFLOW}/monitoring/base/prometheus.yaml"
ENTRY, VERSION = "clusters/dev/mlflow.yaml", f"{MLFLOW}/controller/overlays/dev/version.yaml"
FAULTS = {
    "a session secret of nobody": (VALUES, "- mlflow-session", "- mlflow-sessions", "dangling-secret-ref", "- mlflow-sessions"),
    "credentials of nobody": (VALUES, "name: mlflow-s3", "name: mlflow-s4", "dangling-secret-ref", "name: mlflow-s4"),
    "a key that is not there": (VALUES, "keyOfAccessKeyId: AWS_ACCESS_KEY_ID", "keyOfAccessKeyId: ACCESS_KEY", "dangling-secret-ref", "keyOfAccessKeyId"),
    "an owner of nobody": (DATABASE, "secret:\n        name: mlflow-db", "secret:\n        name: mlflow-owner", "dangling-secret-ref", "name: mlflow-owner"),
    "a backup's key": (DATABASE, "backup-s3, key: AWS_ACCESS_KEY_ID", "backup-s3, key: ACCESS_KEY", "dangling-secret-ref", "accessKeyId"),
    "a listener of nobody": (ROUTES, '"sectionName": "https"', '"sectionName": "secure"', "dangling-parent", "sectionName"),
    "a gateway of nobody": (ROUTES, '"name": "platform"', '"name": "public"', "dangling-parent", '"public"'),
    "a backend of nobody": (ROUTES, "- name: mlflow\n", "- name: tracking\n", "dangling-backend", "- name: tracking"),
    "a port of nobody": (ROUTES, "port: 80", "port: 5000", "dangling-backend", "port: 5000"),
    "a monitor of nobody": (MONITORING, '"app.kubernetes.io/name": "mlflow"', '"app.kubernetes.io/name": "tracking"', "monitor-without-target", "selector:"),
    "a monitored port": (MONITORING, "port: http\n", "port: metrics\n", "monitor-without-target", "port: metrics"),
    "an expression": (ENTRY, "c.status == 'True')", "c.status == 'True'", "invalid-expression", '"current"'),
    "never pruned": (ENTRY, "prune: true", "prune: false", "prune-off", "prune: false"),
    "asleep": (ENTRY, "  prune: true", "  suspend: true\n  prune: true", "suspended", "suspend"),
    "a range of versions": (VERSION, "version: 1.11.5", "version: 1.11.x", "floating-chart-version", "version: 1.11.x"),
    "an image of CI": (".gitlab-ci.yml", "stable:v1.43.0", "stable:latest", "floating-ci-ref", "image: quay.io"),
    "half merged": (VALUES, "artifactRoot:\n", "<<<<<<< HEAD\nartifactRoot:\n=======\n>>>>>>> other\n", "conflict-marker", "<<<<<<<"),
}  # fmt: skip
"""By story: the file, what becomes of what in it, the rule that speaks, and what stands in its line."""
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not os.environ.get("GITOPS_CHARTS"), reason="GITOPS_CHARTS names no folder of charts")]


@pytest.fixture(scope="module")
def healthy(template: Path, tmp_path_factory: pytest.TempPathFactory, charted: Any) -> Path:
    """A platform of the default answers."""
    made = tmp_path_factory.mktemp("planted") / "platform"
    copying.copy(made, {}, ask=False, address=str(template), version="v1.0.0")
    return Path(charted(made))


@pytest.mark.parametrize("story", FAULTS)
def test_one_fault_makes_one_rule_speak_at_its_line(story: str, healthy: Path, tmp_path: Path) -> None:
    name, old, new, rule, mark = FAULTS[story]
    broken = tmp_path / "platform"
    shutil.copytree(healthy, broken)
    before = (broken / name).read_text(encoding="utf-8")
    assert old in before
    text = before.replace(old, new, 1)
    (broken / name).write_text(text, encoding="utf-8")
    report = check(Options(broken, environments=("dev",), offline=True))
    said = [f"{each.rule} {each.place.path}:{each.place.line} {each.message}" for each in report.findings]
    assert {(each.rule, each.place.path, each.place.line) for each in report.findings} == {(rule, name, text[: text.index(mark)].count("\n") + 1)}, (
        said
    )
