"""An encrypted file as a value of a Secret, in base64: kustomize-controller decrypts it, so that it is held to what holds for files."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.cli.entry import run
from gitops_validate.engine import Engine, Question

PLAIN = b"database:\n  user: web\n  password: a-long-enough-value\n"
PLACE = "clusters/dev/web.yaml"


def made() -> tuple[str, bytes]:
    """A new recipient, and its key."""
    with Engine([], workers=1) as engine:
        answer = engine.ask(Question("keygen", {"hybrid": False}))
    return str(answer.result["recipient"]), answer.blobs[0]


def sealed(recipient: str, plain: bytes = PLAIN, regex: str = "^database$") -> bytes:
    with Engine([], workers=1) as engine:
        return engine.ask(Question("encrypt", {"path": "a.yaml", "recipients": [[recipient]], "encrypted_regex": regex}, (plain,))).blobs[0]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """The report on a Secret with a file within, by a creation rule for a recipient, with a key if there is one."""
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)

    def check(body: bytes, recipient: str, key: bytes = b"", path_regex: str = "clusters/") -> dict[str, Any]:
        (tmp_path / "key").write_bytes(key)
        folder = tmp_path / "repo/clusters/dev"
        folder.mkdir(parents=True)
        text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: default\ndata:\n  values.yaml: " + b64encode(body).decode()
        (folder / "web.yaml").write_text(text + "\n")
        rule = f"creation_rules:\n  - path_regex: {path_regex}\n    encrypted_regex: ^(data|stringData)$\n    age: {recipient}\n"
        (tmp_path / "repo/.sops.yaml").write_text(rule)
        keys = ["--age-key-file", str(tmp_path / "key")] if key else []
        run(["check", str(tmp_path / "repo"), "--offline", "--no-cache", "--format", "json", *keys])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return check


def told(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(each["rule"], each["path"], each["line"]) for each in report["findings"]]


def test_a_sound_one_is_counted_and_verified(checked: Callable[..., dict[str, Any]]) -> None:
    recipient, key = made()
    report = checked(sealed(recipient), recipient, key)
    assert told(report) == []
    assert (report["summary"]["encrypted"], report["summary"]["verified"]) == (1, 1)


def test_without_a_key_it_counts_as_not_verified(checked: Callable[..., dict[str, Any]]) -> None:
    recipient, _ = made()
    report = checked(sealed(recipient), recipient)
    assert told(report) == []
    assert (report["summary"]["encrypted"], report["summary"]["verified"]) == (1, 0)


def test_somebody_elses_reader_is_found_at_the_value_with_a_command(checked: Callable[..., dict[str, Any]]) -> None:
    (recipient, _), (other, _) = made(), made()
    report = checked(sealed(other), recipient)
    assert told(report) == [("recipients-differ", PLACE, 7)] * 2
    assert {each["help"].partition("rotate --in-place ")[2].split()[0] for each in report["findings"]} == {"--rm-age", "--add-age"}


def test_a_rule_that_fits_no_file_is_found_where_the_file_within_stands(checked: Callable[..., dict[str, Any]]) -> None:
    recipient, _ = made()
    report = checked(sealed(recipient), recipient, path_regex="^elsewhere/")
    assert told(report) == [("no-creation-rule", PLACE, 7)]
    assert "holds an encrypted file in data[values.yaml]" in report["findings"][0]["message"]


def test_a_hand_edit_is_found_with_the_key_and_no_value_is_told(checked: Callable[..., dict[str, Any]]) -> None:
    recipient, key = made()
    edited = sealed(recipient).replace(b" user: ", b" name: ")
    report = checked(edited, recipient, key)
    assert told(report) == [("mac-mismatch", PLACE, 7)]
    assert "a-long-enough" not in json.dumps(report)


def test_what_its_selector_leaves_plain_is_found_without_a_key(checked: Callable[..., dict[str, Any]]) -> None:
    recipient, _ = made()
    body = sealed(recipient)
    broken = body.replace(b" password: ENC[AES256_GCM,", b" password: a-long-enough-value # ENC[AES256_GCM,")
    assert broken != body
    report = checked(broken, recipient)
    assert {each[0] for each in told(report)} == {"sops-structure"}
    assert "in the file within this value" in report["findings"][0]["message"]
    assert "a-long-enough" not in json.dumps(report)
