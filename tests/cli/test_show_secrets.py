"""`render --show-secrets` prints what the cluster holds, to a place that only its user can read, and leaves no trace of it elsewhere."""

from __future__ import annotations

import base64
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gitops_validate.cli.entry import run
from gitops_validate.engine import Engine, Question

PASSWORD = "correct-horse-battery"
DATABASE = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: database, namespace: default}}
stringData:
  password: {PASSWORD}
  values_yaml: |
    token: staple-of-the-values
"""
GENERATED = "login: generated-from-a-file\n"
CLUSTER = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, url: https://git.example/fleet.git, ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: secrets, namespace: flux-system}
spec:
  interval: 10m
  path: ./secrets
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
  decryption: {provider: sops, secretRef: {name: sops-age}}
  targetNamespace: flux-system
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild: {substituteFrom: [{kind: Secret, name: database}]}
"""
APPS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: substituted, namespace: default}
data: {url: "postgres://app:${password}@db"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 10m
  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: flux-system}}}
  valuesFrom: [{kind: Secret, name: database, valuesKey: values_yaml}]
"""
TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-chart}\ndata: {token: {{ .Values.token | quote }}}\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A checkout whose values flow from encrypted files into a substitution, a chart and a generated Secret; its key lies beside it."""
    with Engine([], workers=1) as engine:
        made = engine.ask(Question("keygen", {"hybrid": False}))
        (tmp_path / "key").write_bytes(made.blobs[0])

        def seal(path: str, text: str, regex: str) -> str:
            args = {"path": path, "recipients": [[made.result["recipient"]]], "encrypted_regex": regex}
            return engine.ask(Question("encrypt", args, (text.encode(),))).blobs[0].decode()

        files = {
            "clusters/prod/flux.yaml": CLUSTER,
            "secrets/database.sops.yaml": seal("database.sops.yaml", DATABASE, "^(data|stringData)$"),
            "secrets/generated.yaml": seal("generated.yaml", GENERATED, "."),
            "secrets/kustomization.yaml": "resources: [database.sops.yaml]\nsecretGenerator: [{name: made, files: [generated.yaml]}]\n",
            "apps/apps.yaml": APPS,
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "chart/templates/map.yaml": TEMPLATE,
            "chart/values.yaml": "token: ''\n",
        }
    for name, text in files.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    return tmp_path / "repo"


@pytest.fixture
def shown(repo: Path, tmp_path: Path) -> Callable[..., int]:
    def show(*more: str, output: str = "out.yaml") -> int:
        return run(
            [
                "render",
                str(repo),
                "--env",
                "prod",
                "--show-secrets",
                "--age-key-file",
                str(tmp_path / "key"),
                "--output",
                str(tmp_path / output),
                *more,
            ]
        )

    return show


def refused(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert run(["render", *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_values_flow_as_in_the_cluster(shown: Callable[..., int], tmp_path: Path) -> None:
    assert shown() == 0
    found = {thing["metadata"]["name"].split("-")[0]: thing for thing in yaml.safe_load_all((tmp_path / "out.yaml").read_text()) if thing}
    assert found["database"]["stringData"]["password"] == PASSWORD
    assert base64.b64decode(found["made"]["data"]["generated.yaml"]).decode() == GENERATED
    assert found["substituted"]["data"]["url"] == f"postgres://app:{PASSWORD}@db"
    assert found["from"]["data"]["token"] == "staple-of-the-values"


def test_the_file_is_for_its_user_alone(shown: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "out.yaml").write_text("")
    (tmp_path / "out.yaml").chmod(0o644)
    assert shown() == 0
    assert stat.S_IMODE((tmp_path / "out.yaml").stat().st_mode) == 0o600


def test_nothing_that_was_decrypted_reaches_the_cache(repo: Path, shown: Callable[..., int], own_cache: Path) -> None:
    run(["render", str(repo), "--env", "prod", "--output", str(repo.parent / "hidden.yaml")])  # which fills the cache
    before = {file: file.read_bytes() for file in own_cache.rglob("*") if file.is_file()}
    assert before
    assert shown() == 0
    assert {file: file.read_bytes() for file in own_cache.rglob("*") if file.is_file()} == before


def test_the_cache_of_a_run_without_keys_does_not_answer(repo: Path, shown: Callable[..., int], tmp_path: Path) -> None:
    assert run(["render", str(repo), "--env", "prod", "--output", str(tmp_path / "hidden.yaml")]) == 3
    assert PASSWORD not in (tmp_path / "hidden.yaml").read_text()
    assert shown() == 0
    assert PASSWORD in (tmp_path / "out.yaml").read_text()


def test_a_pipe_is_refused(repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [str(repo), "--env", "prod", "--show-secrets", "--age-key-file", str(tmp_path / "key")]
    assert "add --output FILE" in refused(capsys, *wanted)
    for device in ("/dev/stdout", "/proc/self/fd/1", "/dev/null"):
        assert "is neither" in refused(capsys, *wanted, "--output", device)


def test_a_terminal_is_not(repo: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "gitops_validate",
        "render",
        str(repo),
        "--env",
        "prod",
        "--show-secrets",
        "--age-key-file",
        str(tmp_path / "key"),
    ]
    with subprocess.Popen([*command, "--reconciler", "Kustomization/flux-system/secrets"], stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 1 << 16):
                said += part
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert PASSWORD in said.decode()


def test_a_file_that_may_be_committed_is_refused(repo: Path, shown: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(output="repo/out.yaml") == 2
    subprocess.run(["git", "init", "--quiet", str(repo)], check=True)
    assert shown(output="repo/apps/out.yaml") == 2
    (tmp_path / "elsewhere").symlink_to(repo)
    assert shown(output="elsewhere/out.yaml") == 2
    assert "where git does not ignore it" in capsys.readouterr().err
    (repo / ".gitignore").write_text("*.decrypted\n")
    assert shown(output="repo/out.decrypted") == 0


def test_a_key_and_its_purpose_come_together(repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = [str(repo), "--env", "prod"]
    assert "add --age-key-file FILE" in refused(capsys, *here, "--show-secrets")
    assert "--show-secrets" in refused(capsys, *here, "--age-key-file", str(tmp_path / "key"))
    (tmp_path / "plugin").write_text("AGE-PLUGIN-YUBIKEY-1QQQ\n")
    wrong = refused(capsys, *here, "--show-secrets", "--age-key-file", str(tmp_path / "plugin"), "--output", str(tmp_path / "out.yaml"))
    assert "not a native age identity" in wrong


def test_in_a_merge_request_nothing_is_decrypted(
    shown: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "0" * 40)
    assert shown() == 2
    assert "nothing is decrypted" in capsys.readouterr().err
    assert not (tmp_path / "out.yaml").exists()


def test_a_file_that_the_key_does_not_open_is_a_gap(shown: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Engine([], workers=1) as engine:
        (tmp_path / "key").write_bytes(engine.ask(Question("keygen", {"hybrid": False})).blobs[0])
    assert shown() == 3
    assert "secrets/database.sops.yaml: none of the given age identities opens this file" in capsys.readouterr().err
    assert PASSWORD not in (tmp_path / "out.yaml").read_text()


def test_no_message_quotes_what_was_decrypted(repo: Path, shown: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "chart/templates/map.yaml").write_text('{{ fail (printf "no %s" .Values.password) }}\n')
    (repo / "apps/apps.yaml").write_text(APPS + "  values: {password: '${password}'}\n")
    assert shown() == 1
    assert PASSWORD not in capsys.readouterr().err


def test_no_connection_is_opened(repo: Path, shown: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: away, namespace: flux-system}\n"
    source += "spec: {interval: 1h, url: 'https://${password}.example'}\n---\n"
    release = APPS.replace(
        "./chart, sourceRef: {kind: GitRepository, name: flux-system}", "web, version: 1.0.0, sourceRef: {kind: HelmRepository, name: away}"
    )
    (repo / "apps/apps.yaml").write_text(source + release)
    assert shown() == 3
    told = capsys.readouterr().err
    assert "offline" in told
    assert PASSWORD not in told
