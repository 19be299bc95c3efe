"""`check --age-key-file` sees what was changed by hand in encrypted files, and says how many it could not look into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_validate.cli.entry import run
from gitops_validate.engine import Engine, Question

SECRET = b"apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n  namespace: default\nstringData:\n  password: a-long-enough-value\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one encrypted Secret, and its key beside it."""
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    with Engine([], workers=1) as engine:
        made = engine.ask(Question("keygen", {"hybrid": False}))
        args = {"path": "a.yaml", "recipients": [[made.result["recipient"]]], "encrypted_regex": "^(data|stringData)$"}
        body = engine.ask(Question("encrypt", args, (SECRET,))).blobs[0]
    (tmp_path / "key").write_bytes(made.blobs[0])
    folder = tmp_path / "repo/clusters/dev"
    folder.mkdir(parents=True)
    (folder / "database.sops.yaml").write_bytes(body)
    return tmp_path / "repo"


def checked(repo: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    capsys.readouterr()
    run(["check", str(repo), "--offline", "--no-cache", "--format", "json", *more])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_without_a_key_it_says_that_macs_were_not_verified(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = checked(repo, capsys)["summary"]
    assert isinstance(summary, dict) and (summary["encrypted"], summary["verified"]) == (1, 0)
    run(["check", str(repo), "--offline", "--no-cache"])
    assert "1 MAC not verified" in capsys.readouterr().out


def test_with_the_key_a_sound_file_is_verified(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = checked(repo, capsys, "--age-key-file", str(repo.parent / "key"))
    assert isinstance(report["summary"], dict) and report["summary"]["verified"] == 1
    assert report["findings"] == []


def test_a_name_that_was_edited_by_hand_is_found(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = repo / "clusters/dev/database.sops.yaml"
    file.write_text(file.read_text().replace("name: database", "name: databases"))
    assert checked(repo, capsys)["findings"] == []
    findings = checked(repo, capsys, "--age-key-file", str(repo.parent / "key"))["findings"]
    assert isinstance(findings, list)
    assert [(each["rule"], each["path"]) for each in findings] == [("mac-mismatch", "clusters/dev/database.sops.yaml")]
    assert "secrets seal" in findings[0]["help"]


def test_a_password_that_two_environments_share_is_found_with_their_keys(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = repo.parent / "key"
    with Engine([], workers=1) as engine:
        made = engine.ask(Question("keygen", {"hybrid": False}))
        key.write_bytes(key.read_bytes() + made.blobs[0])
        args = {"path": "a.yaml", "recipients": [[made.result["recipient"]]], "encrypted_regex": "^(data|stringData)$"}
        (repo / "clusters/prod").mkdir()
        (repo / "clusters/prod/database.sops.yaml").write_bytes(engine.ask(Question("encrypt", args, (SECRET,))).blobs[0])
    assert checked(repo, capsys)["findings"] == []
    findings = checked(repo, capsys, "--age-key-file", str(key))["findings"]
    assert isinstance(findings, list)
    assert [(each["rule"], each["path"]) for each in findings] == [("shared-value", "clusters/prod/database.sops.yaml")]
    assert "stringData.password" in findings[0]["message"] and "a-long-enough" not in str(findings)


def test_the_key_of_somebody_else_verifies_nothing(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Engine([], workers=1) as engine:
        (repo.parent / "key").write_bytes(engine.ask(Question("keygen", {"hybrid": False})).blobs[0])
    summary = checked(repo, capsys, "--age-key-file", str(repo.parent / "key"))["summary"]
    assert isinstance(summary, dict) and summary["verified"] == 0


def test_in_a_merge_request_nothing_is_decrypted(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "0" * 40)
    assert run(["check", str(repo), "--age-key-file", str(repo.parent / "key")]) == 2
    assert "nothing is decrypted" in capsys.readouterr().err
