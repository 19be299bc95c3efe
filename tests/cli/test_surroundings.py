"""The machine around a run: full disks, closed streams, other users, caches that are shared or broken, trees that are wide, deep or odd."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}, namespace: default}}\ndata: {{a: b}}\n"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {0}, namespace: flux-system}}
spec: {{interval: 10m, path: ./apps/{0}, prune: true, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""
COMMAND = (sys.executable, "-m", "gitops_validate")
NOBODY = 54321
"""A user whom no machine knows."""
Done = subprocess.CompletedProcess[bytes]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A small checkout with one finding."""
    for environment in ("dev", "prod"):
        write(tmp_path / f"repo/clusters/{environment}/object.yaml", OBJECT.format("good"))
    write(tmp_path / "repo/clusters/prod/bad.yaml", OBJECT.format("Bad"))
    return tmp_path / "repo"


def surroundings(**variables: object) -> dict[str, str]:
    """No home, no cache and nothing else but what is given."""
    return {"PATH": os.environ["PATH"], **{name: str(value) for name, value in variables.items()}}


def ran(*arguments: object, env: dict[str, str] | None = None, **how: Any) -> Done:
    """A run as a process of its own."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
    done: Done = subprocess.run([*COMMAND, *map(str, arguments)], env=env or surroundings(), timeout=300, check=False, **streams)
    told = (done.stdout or b"") + (done.stderr or b"")
    assert b"Traceback" not in told and b"a fault of gitops-validate itself" not in told, told.decode()
    return done


def report(repo: Path, **variables: object) -> bytes:
    """The JSON report of a check that has found something."""
    done = ran("check", repo, "--format", "json", env=surroundings(**variables))
    assert (done.returncode, done.stderr) == (1, b"")
    return done.stdout


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk that has 8 KiB left."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    (folder / "other").write_bytes(bytes(56 << 10))
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_cache_and_a_temporary_folder_that_are_full_change_nothing(repo: Path, small: Path) -> None:
    expected = report(repo)
    for _ in range(2):
        assert report(repo, GITOPS_VALIDATE_CACHE=small / "cache", TMPDIR=small) == expected
    assert not list(small.rglob(".new-*"))


def test_a_report_that_does_not_fit_is_told_and_leaves_nothing(repo: Path, small: Path) -> None:
    (small / "report.html").write_text("the one before")
    done = ran("check", repo, "--format", f"html={small / 'report.html'}")
    assert done.returncode == 2
    assert b"report.html: No space left on device" in done.stderr
    assert {path.name: path.stat().st_size for path in small.iterdir()} == {"other": 56 << 10, "report.html": 14}


def test_a_commit_that_does_not_fit_is_told(repo: Path, small: Path) -> None:
    write(repo / "notes", "x" * (16 << 10))
    git = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-C", str(repo))
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "a state")):
        subprocess.run([*git, *command], check=True)
    done = ran("diff", repo, "--base", "HEAD", env=surroundings(TMPDIR=small))
    assert done.returncode in (2, 3)
    assert b"No space left on device" in done.stderr
    assert [path.name for path in small.iterdir()] == ["other"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has this device")
@pytest.mark.parametrize(("arguments", "code"), [(("check", "REPO"), 2), (("render", "REPO", "--env", "dev"), 2), (("check", "--help"), 3)])
def test_an_output_that_takes_no_more_is_told(arguments: tuple[str, ...], code: int, repo: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = ran(*(str(repo) if each == "REPO" else each for each in arguments), stdout=full)
    assert done.returncode == code
    assert b"No space left on device" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "closing",
    [">&-", ">&- 2>&-", "<&- >/dev/null", "2>&- >/dev/null", "| true; exit ${PIPESTATUS[0]}", "2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}"],
)
def test_the_exit_code_stays_when_nobody_listens(closing: str, repo: Path) -> None:
    line = f"{' '.join(COMMAND)} check '{repo}' {closing}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=surroundings(), timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_without_a_home_nothing_is_kept_and_all_is_checked(repo: Path, tmp_path: Path) -> None:
    assert report(repo) == report(repo, HOME=tmp_path / "home") == report(repo, HOME="/dev/null/nowhere")
    assert (tmp_path / "home/.cache/gitops-validate").is_dir()


def test_a_strict_umask_is_kept_to(repo: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert ran("check", repo, "--format", f"json={target}", env=surroundings(HOME=tmp_path), umask=0o077).returncode == 1
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes() == report(repo, HOME=tmp_path)


def test_a_working_folder_that_is_gone_is_wrong_use(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["bash", "-c", f"rmdir '{gone}'; exec {' '.join(COMMAND)} check"], cwd=gone, env=surroundings(), capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1 and b"cannot be looked into" in done.stderr


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="gitops-validate-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_somebody_else_may_check_what_they_can_only_read(repo: Path, shared: Path) -> None:
    other: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run([*COMMAND, "version"], env=surroundings(), check=True, capture_output=True, **other)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root becomes somebody else, and they need to reach Python")
    checkout = shared / "repo"
    shutil.copytree(repo, checkout)
    done = ran("check", checkout, "--format", "json", **other)
    assert (done.returncode, done.stdout) == (1, report(checkout))
    assert b"Permission denied" in ran("check", checkout, "--format", f"json={checkout / 'report.json'}", **other).stderr
    (checkout / "clusters/dev").chmod(0o700)
    told = json.loads(ran("check", checkout, "--format", "json", **other).stdout)
    assert any("Permission denied" in finding["message"] for finding in told["findings"])
    (checkout).chmod(0o700)
    assert ran("check", checkout, **other).returncode == 2


def test_runs_side_by_side_share_a_cache(repo: Path, tmp_path: Path) -> None:
    env, line = surroundings(GITOPS_VALIDATE_CACHE=tmp_path / "cache"), [*COMMAND, "check", str(repo), "--format", "json"]
    begun = [subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=120) for process in begun]
    assert set(told) == {(report(repo), b"")}
    assert report(repo, GITOPS_VALIDATE_CACHE=tmp_path / "cache") == told[0][0]
    assert not list((tmp_path / "cache").rglob(".new-*"))


def test_entries_of_the_cache_that_are_broken_are_as_good_as_none(repo: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    expected = report(repo, GITOPS_VALIDATE_CACHE=cache)
    entries = [path for path in cache.rglob("*") if path.is_file()]
    for break_one in (lambda path: os.truncate(path, path.stat().st_size // 2), lambda path: os.truncate(path, 0), _make_a_folder):
        for path in entries:
            break_one(path)
        assert report(repo, GITOPS_VALIDATE_CACHE=cache) == expected


def _make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def test_sockets_and_devices_are_not_opened(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo / "clusters/dev")  # the address of a socket has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.yaml")
        if os.geteuid() == 0:
            os.mknod("device.yaml", 0o20666, os.makedev(1, 5))
        told = json.loads(ran("check", repo, "--format", "json").stdout)
    found = {finding["path"] for finding in told["findings"] if "a pipe, a socket or a device" in finding["message"]}
    assert found == {f"clusters/dev/{name}" for name in os.listdir() if name != "object.yaml"}


def test_two_hundred_levels_of_folders_are_walked(repo: Path) -> None:
    write(repo / "clusters/dev" / "/".join("d" * 200) / "deep.yaml", OBJECT.format("deep"))
    assert json.loads(ran("check", repo, "--env", "dev", "--format", "json").stdout)["summary"]["objects"] == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_files_in_five_hundred_folders_are_checked(tmp_path: Path) -> None:
    names = [f"app-{number}" for number in range(500)]
    for name in names:
        for number in range(20):
            write(tmp_path / f"apps/{name}/{number}.yaml", OBJECT.format(f"{name}-{number}"))
    write(tmp_path / "clusters/dev/apps.yaml", "---\n".join(map(FLUX.format, names)))
    before = os.times()
    done = ran("check", tmp_path, "--format", "json")
    after = os.times()
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["checked"] >= 10_500
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 60, "seconds of the processors, whatever else they had to do"
