"""What `manifests` reports is what a real API server answered: an error for every refusal, at the field that it names, and none beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from record_cases import cases

from gitops_validate.cli.entry import run

HERE = Path(__file__).parent
SERVER: list[tuple[str, Any, list[Any]]] = [
    (name, thing, answers[name])
    for path in sorted(HERE.rglob("*.yaml"))
    for answers in [json.loads(path.with_suffix(".json").read_text())]
    for name, thing in cases(path)
]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["create", "server-side"])
def test_a_report_has_an_error_where_the_server_refuses(mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (_, thing, _) in enumerate(SERVER):
        (tmp_path / f"{number}.json").write_text(json.dumps(thing))
    assert run(["manifests", str(tmp_path), "--apply", mode, "--kube-version", "1.37", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["incomplete"] == []
    named: dict[int, set[str]] = {}
    for finding in report["findings"]:
        if finding["severity"] == "error":
            named.setdefault(int(Path(finding["path"]).stem), set()).add(finding["field"])
    refused = {
        number: set(answers[mode == "server-side"]) for number, (_, _, answers) in enumerate(SERVER) if answers[mode == "server-side"] is not None
    }
    assert [SERVER[number][0] for number in named.keys() ^ refused.keys()] == []
    elsewhere = [SERVER[number][0] for number, fields in refused.items() if fields and not any(_same(ours, fields) for ours in named[number])]
    assert len(elsewhere) * 100 <= 3 * len(refused), elsewhere


def _same(ours: str, fields: set[str]) -> bool:
    return ours in {field.removeprefix(".") for field in fields} or "<nil>" in fields


def test_a_policy_that_does_not_compile_is_no_clean_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (thing,) = [thing for name, thing, _ in SERVER if name == "admission syntax"]
    (tmp_path / "policy.json").write_text(json.dumps(thing))
    assert run(["manifests", str(tmp_path)]) == 1
    assert "broken-policy" in capsys.readouterr().out
