"""Which pipelines are held against GitLab's schema, and that nothing is asked where there are none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest_rules import write

from gitops_validate.check import Options, check
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.pipeline import invalid, judged

ROOT = Path(__file__).parents[2]
SETTINGS = {"clusters/dev/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {A: b}\n"}


def test_the_project_s_own_pipeline_and_component_are_in_order(checked) -> None:
    own = {path: (ROOT / path).read_text() for path in (".gitlab-ci.yml", "templates/gitops-validate.yml")}
    assert not checked(SETTINGS | own).said
    broken = {path: text.replace("script:", "scripts:") for path, text in own.items()}
    assert {finding.place.path for finding in checked(SETTINGS | broken).report.findings} == set(own)


def test_without_a_pipeline_nothing_is_asked_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged, "_schema", lambda: pytest.fail("the schema was read"))
    chart = YamlFile("templates/web.yml", (Manifest("templates/web.yml", 0, 1, b'{"apiVersion": "v1", "kind": "Secret", "spec": {}}'),))
    repo = Repo(Path("/nowhere"), {}, {"templates/web.yml": chart, "a.yaml": YamlFile("a.yaml")})
    assert invalid(repo, lambda _: pytest.fail("the engine was asked")) == ([], [])


def test_without_the_schema_the_pipeline_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, SETTINGS | {".gitlab-ci.yml": "job: {scripts: make}\n"})
    monkeypatch.setattr(judged, "_schema", lambda: b"")
    report = check(Options(tmp_path, offline=True, cache=False, workers=1))
    assert not report.findings
    assert [(gap.path, "check-jsonschema" in gap.reason) for gap in report.incomplete] == [(".gitlab-ci.yml", True)]


def test_a_schema_that_cannot_be_read_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, SETTINGS | {".gitlab-ci.yml": "job: {scripts: make}\n"})
    monkeypatch.setattr(judged, "_schema", lambda: b'{"$ref": "file:///etc/passwd"}')
    assert [gap.path for gap in check(Options(tmp_path, offline=True, cache=False, workers=1)).incomplete] == [".gitlab-ci.yml"]


def test_includes_in_a_circle_end(checked) -> None:
    files = {".gitlab-ci.yml": "include: a.yml\njob: {script: make, trigger: {include: b.yml}}\n"}
    files |= {"a.yml": "include: [.gitlab-ci.yml, 'a.yml', '**/*.yml']\n", "b.yml": "include: b.yml\njob: {trigger: {include: [local: b.yml]}}\n"}
    assert not [each for each in checked(SETTINGS | files).said if "rule" in each]


@pytest.mark.parametrize(
    "text", ["[]", "7", "include: 7", "include: {local: [7]}", "include: [[a], null, {local: ''}]", "job: {trigger: {include: 7}}"]
)
def test_an_odd_pipeline_is_a_finding_and_no_fault_of_the_rule(checked, text: str) -> None:
    outcome = checked(SETTINGS | {".gitlab-ci.yml": text + "\n"})
    assert outcome.rules == {"invalid-pipeline"} and not outcome.report.incomplete, outcome.said


def test_what_a_link_or_a_folder_is_is_not_included(checked, tmp_path: Path) -> None:
    (tmp_path / "ci.yml").symlink_to("/etc/hostname")
    (tmp_path / "folder.yml").mkdir()
    outcome = checked(SETTINGS | {".gitlab-ci.yml": "include: [ci.yml, folder.yml]\n"})
    assert [finding.field for finding in outcome.report.findings if finding.rule == "invalid-pipeline"] == ["include[1]"], outcome.said
    shutil.rmtree(tmp_path / "folder.yml")


def test_of_very_many_faults_some_are_told(checked) -> None:
    text = "job: {script: [" + "'!', !reference [a, b], " * 2000 + "]}\n" + "".join(f"j{number}: {{scripts: x}}\n" for number in range(300))
    findings = checked(SETTINGS | {".gitlab-ci.yml": text}).report.findings
    assert len([finding for finding in findings if "!reference" in finding.message]) == 100
    assert len([finding for finding in findings if "scripts" in finding.message]) == 100
