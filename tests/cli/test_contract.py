"""What the command line promises: exit codes, one sentence for wrong use, whole reports, nobody left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gitops_validate.cli.app import COMMANDS
from gitops_validate.cli.entry import run

from .conftest import GOOD

BINDING = """\
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.things.example}
spec:
  group: things.example
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def spoil(repo: Path) -> None:
    (repo / "clusters/dev/bad.yaml").write_text(GOOD.replace("name: good", "name: Bad_"))


def test_a_clean_repository_is_0_and_one_with_findings_1(repo: Path) -> None:
    assert run(["check", str(repo)]) == 0
    spoil(repo)
    assert run(["check", str(repo)]) == 1
    assert run(["check", str(repo), "--exit-zero"]) == 0


def test_what_could_not_be_checked_is_3_and_findings_beat_it(repo: Path) -> None:
    (repo / "clusters/dev/custom.yaml").write_text("apiVersion: nobody.example/v1\nkind: Thing\nmetadata: {name: x, namespace: default}\n")
    assert run(["check", str(repo)]) == 3
    assert run(["check", str(repo), "--exit-zero"]) == 3
    spoil(repo)
    assert run(["check", str(repo)]) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chekc"], "did you mean 'check'"),
        (["check", "--ofline"], "--offline"),
        (["check", "absent"], "is not a folder"),
        (["check", "{repo}", "--env", "prod"], "there are dev"),
        (["check", "{repo}", "--format", "yaml"], "is not a format"),
        (["check", "{repo}", "--format", "json=absent/report.json"], "its folder is not there"),
        (["render", "{repo}", "--env", "dev", "--reconciler", "Kustomization/flux-system/flux-sytem"], "did you mean"),
        (["explain", "no-such-rule"], "no rule is called"),
        (["manifests", "absent.yaml"], "is not there"),
        (["manifests", "{repo}", "--feature-gates", "HPAScaleToZero"], "--feature-gates: the API server's code"),
        (["manifests", "{repo}", "--feature-gates", "HPAScaleToOne=true"], "--feature-gates HPAScaleToOne: the API server's code"),
        (
            ["manifests", "{repo}", "--runtime-config", "apps/v1=true", "--runtime-config", "example.com/v1"],
            "--runtime-config example.com/v1: the API server's code",
        ),
        (["schemas", "add", "http://example.test/crd.yaml"], "only https"),
        (["schemas", "add", "https://example.test/crd.yaml", "--offline"], "--offline opens no connection"),
    ],
)
def test_wrong_use_is_2_and_one_sentence(repo: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([part.format(repo=repo) for part in arguments]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""
    assert "Traceback" not in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_manifests_take_the_flags_of_an_api_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binding.yaml").write_text(BINDING)
    line = ["manifests", str(tmp_path), "--feature-gates", "AllBeta=true,HPAScaleToZero=true", "--feature-gates", "kube:AllAlpha=false"]
    assert run(line) == 2
    assert "do not mix use" in capsys.readouterr().err
    assert run([*line[:-2], "--runtime-config", "apps/v1=true,admissionregistration.k8s.io/v1beta1"]) == 0
    assert run(line[:-2]) == 1
    assert "runtime-config has admissionregistration.k8s.io/v1beta1: true" in capsys.readouterr().out


def test_a_repository_without_environments_is_not_clean(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["check", str(tmp_path / "empty")]) == 2


def test_definitions_that_cannot_be_kept_are_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "crd.yaml").write_text(DEFINITION)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert run(["schemas", "add", str(tmp_path / "crd.yaml")]) == 2
    assert "cannot make" in capsys.readouterr().err


def test_a_definition_that_was_added_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "crd.yaml").write_text(DEFINITION)
    assert run(["schemas", "add", str(tmp_path / "crd.yaml")]) == 0
    kept = tmp_path / "data/gitops-validate/schemas/things.example/thing.json"
    assert kept.stat().st_mode & 0o777 == 0o644
    assert json.loads(kept.read_text())["spec"]["names"]["kind"] == "Thing"
    capsys.readouterr()
    assert run(["schemas", "--format", "json"]) == 0
    listed = {entry["kind"]: entry["product"] for entry in json.loads(capsys.readouterr().out)}
    assert listed["things.example/Thing"] == "added by you"


def test_a_broken_configuration_is_2_and_names_the_line(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / ".gitops-validate.yaml").write_text("version: 1\nkubernets: '1.36'\n")
    assert run(["check", str(repo)]) == 2
    assert ".gitops-validate.yaml:2" in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage: gitops-validate" in capsys.readouterr().out


def test_a_report_in_a_file_is_whole_and_the_same_each_time(repo: Path, tmp_path: Path) -> None:
    spoil(repo)
    reports = []
    for number in range(2):
        target = tmp_path / f"{number}.json"
        assert run(["check", str(repo), "--no-cache", "--format", f"json={target}"]) == 1
        reports.append(target.read_bytes())
    assert reports[0] == reports[1]
    (finding,) = json.loads(reports[0])["findings"]
    assert (finding["rule"], finding["path"], finding["line"], finding["field"]) == ("api-verdict", "clusters/dev/bad.yaml", 3, "metadata.name")


def test_manifests_come_from_files_folders_and_stdin(repo: Path) -> None:
    line = [sys.executable, "-m", "gitops_validate", "manifests", "-", str(repo), "--format", "json"]
    done = subprocess.run(line, input=GOOD.replace("\ndata:", "\ndta:").encode(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["summary"]["objects"] == 2
    assert [(finding["path"], finding["line"], finding["field"]) for finding in report["findings"]] == [("-", 4, "dta")]


def test_secret_values_are_never_printed(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\nstringData: {p: hunter2}\n"
    (repo / "clusters/dev/secret.yaml").write_text(secret)
    run(["render", str(repo), "--env", "dev"])
    run(["check", str(repo)])
    told = capsys.readouterr()
    assert "<hidden>" in told.out
    assert "hunter2" not in told.out + told.err


def test_nobody_reading_on_is_no_fault(repo: Path) -> None:
    command = f"{sys.executable} -m gitops_validate render {repo} --env dev | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stderr == b""


def test_a_missing_path_is_not_told_in_a_configuration_that_does_not_count(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / ".gitops-validate.yaml").write_text("version: 1\nenvironments: {dev: {path: clusters/dev}}\n")
    (repo / "other.yaml").write_text("version: 1\nenvironments: {dev: {path: absent}}\n")
    assert run(["check", str(repo), "--config", str(repo / "other.yaml"), "--quiet"]) == 1
    assert capsys.readouterr().out.startswith("absent: error: Kustomization/flux-system/flux-system cannot be built: there is no folder absent")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_worker_and_no_report(repo: Path, tmp_path: Path, number: int, code: int) -> None:
    for index in range(400):
        (repo / f"clusters/dev/{index}.yaml").write_text(GOOD.replace("good", f"good-{index}"))
    target = tmp_path / "report.json"
    line = [sys.executable, "-m", "gitops_validate", "check", str(repo), "--no-cache", "--format", f"json={target}"]
    begun = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    workers = _workers(begun.pid)
    begun.send_signal(number)
    _, told = begun.communicate(timeout=30)
    assert begun.returncode == code
    assert b"Traceback" not in told
    assert not target.exists()
    assert not [pid for pid in workers if _alive(pid)]


def _workers(parent: int) -> list[int]:
    """The engines that a process started, as soon as there are any; a git that answers in a moment is none."""
    for _ in range(200):
        found = Path(f"/proc/{parent}/task/{parent}/children")
        listed = (
            [int(pid) for task in Path(f"/proc/{parent}/task").glob("*/children") for pid in task.read_text().split() if _is_engine(pid)]
            if found.exists()
            else []
        )
        if listed:
            return listed
        time.sleep(0.01)
    raise AssertionError("no worker was started")


def _is_engine(pid: str) -> bool:
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "gitops-engine"
    except OSError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
