"""`check --watch`: a report now, and one whenever a file has changed, by one engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_validate.check import Options, check, checked, started, walk
from gitops_validate.cli.entry import run

from .conftest import GOOD

BAD = GOOD.replace("name: good", "name: Bad_")


class Watched:
    """`check --watch` of a folder, and what it says from one report to the next."""

    def __init__(self, repo: Path, home: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "gitops_validate", "check", "--watch", "--color", "never", str(repo)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def says(self) -> str:
        """Everything up to the end of a report. Fails if there is none."""
        assert self.process.stdout
        said = []
        for line in self.process.stdout:
            if line.startswith("watching "):
                return "".join([*said, line])
            said.append(line)
        pytest.fail("it ended: " + "".join(said))

    def ends(self, signalled: signal.Signals = signal.SIGINT) -> int:
        """Its exit code, once it is told to end."""
        self.process.send_signal(signalled)
        return self.process.wait(20)


@pytest.fixture
def watched(repo: Path, tmp_path: Path) -> Iterator[Watched]:
    found = Watched(repo, tmp_path)
    yield found
    found.process.kill()
    found.process.wait()
    if found.process.stdout:
        found.process.stdout.close()


def test_each_change_is_reported_by_the_same_engine_and_the_last_report_decides(watched: Watched, repo: Path) -> None:
    assert "no findings" in watched.says()
    engines = _children(watched.process.pid)
    (repo / "clusters/dev/bad.yaml").write_text(BAD)
    said = watched.says()
    assert "clusters/dev/bad.yaml changed" in said
    assert "Bad_" in said
    assert "watching 2 files" in said
    assert engines
    assert engines <= _children(watched.process.pid)
    (repo / "clusters/dev/bad.yaml").unlink()
    assert "no findings" in watched.says()
    (repo / "clusters/dev/good.yaml").write_text(BAD)
    assert "Bad_" in watched.says()
    assert watched.ends() == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in engines)


def test_what_is_written_during_a_check_does_not_count_as_what_was_there(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    good, options = repo / "clusters/dev/good.yaml", Options(path=repo)
    walked = walk(options)
    with started(options, walked) as standing:
        good.write_text(BAD)  # after it was hashed, before the engine reads it
        assert "api-verdict" in {finding.rule for finding in checked(options, walked, standing).findings}
        good.write_text(GOOD)
        assert checked(options, walk(options), standing).findings == ()
    assert check(options).findings == ()


def test_a_configuration_that_is_being_edited_is_said_and_watched_on(watched: Watched, repo: Path) -> None:
    watched.says()
    (repo / ".gitops-validate.yaml").write_text("fail-levle: error\n")
    assert "gitops-validate: " in (said := watched.says())
    assert "fail-level" in said
    (repo / ".gitops-validate.yaml").unlink()
    assert "no findings" in watched.says()
    assert watched.ends() == 0


def test_what_says_nothing_new_is_no_change(watched: Watched, repo: Path) -> None:
    watched.says()
    (repo / "clusters/dev/good.yaml").touch()
    (repo / "clusters/dev/.good.yaml.swp").write_text("b0VIM")
    (repo / "node_modules").mkdir()
    (repo / "node_modules/package.yaml").write_text(BAD)
    (repo / "clusters/dev/other.yaml").write_text(BAD)
    assert "clusters/dev/other.yaml changed" in watched.says(), "and nothing else"


def test_it_is_terminated_like_it_is_interrupted(watched: Watched) -> None:
    watched.says()
    assert watched.ends(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fix"], "leave --fix, --write-baseline and --changed-since out"),
        (["--write-baseline"], "leave --fix, --write-baseline and --changed-since out"),
        (["--changed-since", "HEAD"], "leave --fix, --write-baseline and --changed-since out"),
        (["--format", "json"], "leave --format out"),
        (["--format", "text=report.txt"], "leave --format out"),
    ],
)
def test_what_is_done_once_is_not_watched(repo: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--watch", str(repo), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_there_has_to_be_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--watch", str(tmp_path / "absent")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def _children(pid: int) -> set[int]:
    return {int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()}
