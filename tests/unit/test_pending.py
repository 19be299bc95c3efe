"""Secrets that a catalogue names and nothing renders are pending, and in a live environment a finding."""

from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report

CATALOGUE = """\
secrets:
  - {name: made, namespace: default, component: mlflow, stage: data, keys: {password: {generate: password}}}
  - {name: given, namespace: default, component: mlflow, stage: config, keys: {secret: {given: the console}}, environments: [prod]}
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: made, namespace: default}\ntype: Opaque\n"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n"


def checked(root: Path, catalogue: str = CATALOGUE, *, require: bool = False, **files: str) -> Report:
    contents = {"secret-catalogue.yaml": catalogue, "clusters/dev/a.yaml": SETTINGS, "clusters/prod/a.yaml": SETTINGS}
    for name, text in {**contents, **{name.replace("__", "/") + ".yaml": text for name, text in files.items()}}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return check(Options(root, offline=True, cache=False, require_secrets=require))


def test_what_is_missing_is_pending_and_says_where_it_comes_from(tmp_path: Path) -> None:
    report = checked(tmp_path)
    assert [(one.name, one.environment, one.reason) for one in report.pending] == [
        ("default/given", "prod", "from the console"),
        ("default/made", "dev", "`gitops-generate secrets` makes it"),
        ("default/made", "prod", "`gitops-generate secrets` makes it"),
    ]
    assert report.pending[0].path == "platform/mlflow/config/overlays/prod/secrets/given.sops.yaml"
    assert report.findings == ()


def test_what_is_rendered_is_not(tmp_path: Path) -> None:
    report = checked(tmp_path, clusters__dev__secret=SECRET)
    assert [one.environment for one in report.pending if one.name == "default/made"] == ["prod"]


def test_required_secrets_are_findings_at_their_lines(tmp_path: Path) -> None:
    report = checked(tmp_path, require=True, clusters__dev__secret=SECRET)
    assert [(one.rule, one.place.path, one.place.line, one.environment) for one in report.findings] == [
        ("pending-secret", "secret-catalogue.yaml", 2, "prod"),
        ("pending-secret", "secret-catalogue.yaml", 3, "prod"),
    ]


@pytest.mark.parametrize(
    "catalogue",
    ["secrets: 7\n", "[]\n", "secrets: [x, {name: 1}]\n", CATALOGUE.replace("name: made", "name: ../../made").replace("name: given", "name: g/..")],
)
def test_what_is_no_entry_is_passed_over(tmp_path: Path, catalogue: str) -> None:
    assert checked(tmp_path, catalogue, require=True).pending == ()
