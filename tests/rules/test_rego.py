"""Policies in Rego: which files are read, and what is asked about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.judging import rego
from gitops_validate.model.manifest import Repo

from .conftest import TODAY

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\ndata:\n  A: b\n"
DENIES = 'package main\n\ndeny contains "no" if input.kind == "{}"\n'


def findings(root: Path, **options: bool) -> list[tuple[str, str, int]]:
    report = check(Options(root, offline=True, today=TODAY, workers=1, **{"cache": False, **options}))
    assert not [gap for gap in report.incomplete if gap.what == "rule"]
    return [(finding.rule, finding.place.path, finding.place.line) for finding in report.findings]


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    for path, text in {"clusters/dev/settings.yaml": SETTINGS, "policy/a.rego": DENIES.format("ConfigMap")}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_changed_policy_is_asked_again_of_what_was_kept(platform: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    denied = [("denied-by-rego", "clusters/dev/settings.yaml", 1)]
    assert findings(platform, cache=True) == findings(platform, cache=True) == denied
    (platform / "policy/a.rego").write_text(DENIES.format("Secret"))
    assert not findings(platform, cache=True)


def test_policies_elsewhere_and_tests_of_policies_are_not_read(platform: Path) -> None:
    (platform / "policy/a.rego").rename(platform / "policy/a_test.rego")
    (platform / "other").mkdir()
    (platform / "other/policy.rego").write_text(DENIES.format("ConfigMap"))
    assert not findings(platform)


def test_an_encrypted_secret_is_not_asked_about(platform: Path) -> None:
    (platform / "policy/a.rego").write_text('package main\n\ndeny contains "no" if {\n\tinput.kind == "Secret"\n\tnot input.sops\n}\n')
    text = (Path(__file__).parents[2] / "examples/acme").rglob("*.sops.yaml")
    (platform / "clusters/dev/secret.yaml").write_text(next(iter(text)).read_text())
    assert "denied-by-rego" not in [rule for rule, _, _ in findings(platform)]


@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe\x00", b"package main\n#" + b"x" * (1 << 20), b"", b"package main\n" + b"deny contains x if " + b"(" * 50_000],
    ids=["no-text", "large", "empty", "deep"],
)
def test_odd_policies_are_a_finding(platform: Path, text: bytes) -> None:
    (platform / "policy/odd.rego").write_bytes(text)
    assert {(rule, path) for rule, path, _ in findings(platform)} == {("broken-rego", "policy/odd.rego")}


def test_policies_that_are_not_asked_are_a_finding(platform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rego, "MOST", 1)
    (platform / "policy/b.rego").symlink_to("a.rego")
    (platform / "policy/loop.rego").symlink_to("loop.rego")
    for name in ("c.rego", "c_test.rego"):
        (platform / "policy" / name).write_text(DENIES.format("Secret"))
    os.mkfifo(platform / "policy/d.rego")
    found = {path for rule, path, _ in findings(platform) if rule == "broken-rego"}
    assert found == {f"policy/{name}.rego" for name in ("b", "c", "d", "loop")}


def test_a_folder_of_policies_that_is_a_link_is_a_finding(platform: Path) -> None:
    (platform / "policy").rename(platform / "other")
    (platform / "policy").symlink_to("other")
    assert findings(platform) == [("broken-rego", "policy", 0)]


def test_what_leads_out_of_the_checkout_is_not_read(platform: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "b.rego"
    outside.write_text("package main\n\nbroken {")
    (platform / "policy/b.rego").symlink_to(outside)
    assert [rule for rule, path, _ in findings(platform) if path.startswith("policy/") and rule == "broken-rego"] == []


def test_what_has_gone_meanwhile_is_no_policy(platform: Path) -> None:
    assert rego.files(Repo(platform, {"policy/gone.rego": "x", "policy/pipe.rego": "irregular-x"}, {})) == ["policy/gone.rego"]
    assert not list(rego.broken(Repo(platform, {"policy/gone.rego": "x"}, {}), lambda _: []))
