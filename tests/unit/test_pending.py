"""Secrets that a catalogue names and nothing has or renders are pending, and in a live environment a finding."""

from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.cli.entry import run
from gitops_validate.model.report import Report

CATALOGUE = """\
secrets:
  - {name: made, namespace: default, component: mlflow, stage: data, purpose: p, keys: {password: {generate: password}}}
  - {name: given, namespace: default, component: mlflow, stage: config, purpose: p, keys: {secret: {given: the console}}, environments: [prod]}
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


def test_what_follows_from_a_secret_that_a_person_gives_waits_for_that_one(tmp_path: Path) -> None:
    following = """\
  - {name: copied, namespace: other, component: a, stage: config, purpose: p, keys: {it: {copy: given/secret}}, environments: [prod]}
  - {name: derived, namespace: other, component: a, stage: config, purpose: p, keys: {it: {derive: "is {given/secret}"}}, environments: [prod]}
  - {name: from-made, namespace: other, component: a, stage: config, purpose: p, keys: {it: {copy: made/password}}, environments: [prod]}
"""
    report = checked(tmp_path, CATALOGUE + following, require=True)
    reasons = {one.name: one.reason for one in report.pending}
    assert reasons["other/copied"] == reasons["other/derived"] == "comes with default/given"
    assert reasons["other/from-made"] == "`gitops-generate secrets` makes it"
    assert any(
        "gitops-generate secrets set given --env prod: from the console" in one.fix and "other/copied" in one.message for one in report.findings
    )


def test_what_is_rendered_is_not(tmp_path: Path) -> None:
    report = checked(tmp_path, clusters__dev__secret=SECRET)
    assert [one.environment for one in report.pending if one.name == "default/made"] == ["prod"]


def test_required_secrets_are_findings_at_their_lines(tmp_path: Path) -> None:
    report = checked(tmp_path, require=True, clusters__dev__secret=SECRET)
    assert [(one.rule, one.place.path, one.place.line, one.environment) for one in report.findings] == [
        ("pending-secret", "secret-catalogue.yaml", 2, "prod"),
        ("pending-secret", "secret-catalogue.yaml", 3, "prod"),
    ]


def test_a_secret_that_has_its_file_does_not_wait_whatever_becomes_of_it(tmp_path: Path) -> None:
    report = checked(tmp_path, require=True, **{"platform__mlflow__data__overlays__prod__secrets__made.sops": SECRET.replace("made", "other")})
    assert [one.environment for one in report.pending if one.name == "default/made"] == ["dev"]
    assert [one.environment for one in report.findings if "default/made" in one.message] == ["dev"]


def test_a_secret_that_is_made_in_the_cluster_does_not_wait(tmp_path: Path) -> None:
    certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: NAME, namespace: default}\nspec: {secretName: SECRET}\n"
    made, other = certificate.replace("NAME", "x").replace("SECRET", "made"), certificate.replace("NAME", "made").replace("SECRET", "x")
    report = checked(tmp_path, clusters__dev__made=made, clusters__prod__other=other)
    assert [one.environment for one in report.pending if one.name == "default/made"] == ["prod"]


def test_pending_secrets_do_not_change_the_exit_code_unless_they_are_required(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checked(tmp_path)
    line = ["check", str(tmp_path), "--offline", "--no-cache"]
    assert run(line) == 0
    assert "default/given in prod: from the console" in capsys.readouterr().out
    assert run([*line, "--require-secrets"]) == 1
    assert run([*line, "--require-secrets", "--env", "dev"]) == 1
    assert run([*line, "--require-secrets", "--exit-zero"]) == 0


def test_where_values_come_from_is_told_on_one_short_line(tmp_path: Path) -> None:
    many = ", ".join(f"k{number}: {{given: 'place {number}'}}" for number in range(500))
    report = checked(tmp_path, CATALOGUE.replace("secret: {given: the console}", f'a: {{given: "one\\n  place"}}, b: {{given: "other"}}, {many}'))
    (given,) = (one for one in report.pending if one.name == "default/given")
    assert given.reason.startswith("from one place; other; place 0; ") and len(given.reason) < 550


@pytest.mark.parametrize(
    "catalogue",
    [
        "secrets: 7\n",
        "[]\n",
        "secrets: [x, {name: 1}]\n",
        CATALOGUE.replace("name: made", "name: ../../made").replace("name: given", "name: g/.."),
        CATALOGUE.replace("component: mlflow", "component: ..").replace("}}}", "}}, environments: 7}", 1),
        CATALOGUE.replace("}}}", "}}, environments: prod}", 1).replace("[prod]", "prod"),
    ],
)
def test_what_is_no_entry_is_not_pending_but_found(tmp_path: Path, catalogue: str) -> None:
    report = checked(tmp_path, catalogue, require=True)
    assert report.pending == ()
    assert {(one.rule, one.place.path) for one in report.findings} == {("secret-catalogue", "secret-catalogue.yaml")}
    assert all(one.place.line for one in report.findings)
