"""Custom kinds that nothing defines are held against JSON Schemas of the checkout; in a merge request, of the commit that it starts from."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.cli.entry import run

CONFIG = 'version: 1\nschemas:\n  locations: ["schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"]\n'
SCHEMA = '{"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}'
ANYTHING = '{"type": "object"}'
WIDGET = "apiVersion: factory.example/v1\nkind: Widget\nmetadata: {name: press, namespace: default}\nspec:\n  size: {size}\n"
FILE = "schemas/factory.example/widget_v1.json"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)


def write(repo: Path, size: str = "3", schema: str = SCHEMA, config: str = CONFIG) -> None:
    for name, text in {".gitops-validate.yaml": config, FILE: schema, "clusters/dev/widget.yaml": WIDGET.replace("{size}", size)}.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)


def commit(repo: Path) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for command in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "--message", "x")):
        subprocess.run(("git", "-C", str(repo), *command), check=True)
    return subprocess.run(("git", "-C", str(repo), "rev-parse", "HEAD"), check=True, capture_output=True, text=True).stdout.strip()


def checked(repo: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], list[Any]]:
    capsys.readouterr()
    run(["check", str(repo), "--offline", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    return [(each["rule"], each["path"], each["line"]) for each in report["findings"]], [
        (each["what"], each["reason"]) for each in report["incomplete"]
    ]


def test_what_a_schema_accepts_is_no_gap_and_what_it_refuses_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    assert checked(tmp_path, capsys) == ([], [])
    write(tmp_path, size="large")
    assert checked(tmp_path, capsys) == ([("schema-mismatch", "clusters/dev/widget.yaml", 5)], [])


def test_a_schema_that_changes_is_asked_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, size="large", schema=ANYTHING)
    assert checked(tmp_path, capsys) == ([], [])
    write(tmp_path, size="large")
    assert len(checked(tmp_path, capsys)[0]) == 1


@pytest.mark.parametrize(
    ("schema", "said"), [("{", "it is no JSON"), ('{"type": 5}', "compiled"), ('{"$ref": "https://a.example/x"}', "nothing is fetched")]
)
def test_a_schema_that_cannot_be_used_leaves_a_gap(schema: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, schema=schema)
    findings, ((what, reason),) = checked(tmp_path, capsys)
    assert [rule for rule, _, _ in findings if rule == "schema-mismatch"] == []
    assert what == "no-schema"
    assert reason.startswith(f"{FILE} cannot be used: ") and said in reason


def test_a_merge_request_is_held_against_the_schemas_that_it_starts_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(tmp_path))
    write(tmp_path, size="large", schema=ANYTHING)
    commit(tmp_path)
    assert checked(tmp_path, capsys) == ([("schema-mismatch", "clusters/dev/widget.yaml", 5)], [])


def test_a_merge_request_cannot_bring_its_own_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, config="version: 1\n")
    (tmp_path / FILE).unlink()
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(tmp_path))
    write(tmp_path, size="large", schema=ANYTHING)
    commit(tmp_path)
    assert [what for what, _ in checked(tmp_path, capsys)[1]] == ["no-schema"]


def test_a_base_without_the_folder_has_no_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    (tmp_path / FILE).unlink()
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(tmp_path))
    write(tmp_path, schema=ANYTHING)
    commit(tmp_path)
    assert [what for what, _ in checked(tmp_path, capsys)[1]] == ["no-schema"]


@pytest.mark.parametrize("location", ["https://a.example/{{.ResourceKind}}.json", "/etc", "../schemas", "{{.Group}}/x.json", "default/../../x"])
def test_what_is_no_folder_of_the_checkout_is_refused(location: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, config=f'version: 1\nschemas:\n  locations: ["{location}"]\n')
    assert run(["check", str(tmp_path), "--offline"]) == 2
    assert "must be a folder of this checkout" in capsys.readouterr().err


def test_plain_manifests_are_held_against_folders_that_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, size="large")
    file, location = (
        tmp_path / "clusters/dev/widget.yaml",
        f"{tmp_path}/schemas/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
    )
    assert run(["manifests", str(file)]) == 3
    assert run(["manifests", str(file), "--schema-location", location]) == 1
    assert "does not fit the JSON Schema of its kind: spec.size" in capsys.readouterr().out
    assert run(["manifests", str(file), "--schema-location", f"{tmp_path}/absent"]) == 2
    assert run(["manifests", str(file), "--schema-location", "https://schemas.example/{{.ResourceKind}}.json"]) == 2
    assert "nothing is fetched" in capsys.readouterr().err
