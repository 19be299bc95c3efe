"""However a run ends, each file is as it was or as it shall be, and none is in plain text."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from platform_repository import DB, STORE, Repository, build

from gitops_generate.errors import Refused
from gitops_generate.secrets import sealing, writing
from gitops_generate.secrets.keys import KeyFolder


def test_a_full_disk_changes_nothing(secured: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    before, sync, calls = secured.files(), os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    done = secured.run("rotate", "--env", "dev")
    assert done.code == 1 and "No space left on device; nothing was changed" in done.err and done.err.count("\n") == 1
    assert secured.files() == before


def test_a_full_disk_leaves_no_key_and_no_folder(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    before = repository.files()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("gitops_generate.secrets.keys.os.fsync", full)
    done = repository.run()
    assert done.code == 1 and "No space left" in done.err
    assert repository.files() == before and not list(repository.keys.glob("*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(repository: Repository) -> None:
    folder = (repository.root / DB.format("dev")).parent
    folder.chmod(0o500)
    done = repository.run()
    assert done.code == 1 and "Permission denied; nothing was changed" in done.err


def test_a_file_where_a_folder_should_be(repository: Repository) -> None:
    repository.keys.write_text("x")
    done = repository.run()
    assert done.code == 1 and done.err.count("\n") == 1 and str(repository.keys) in done.err
    assert not (repository.root / DB.format("dev")).exists()


@pytest.mark.parametrize("moment", ["encrypt", "write"])
def test_ctrl_c_changes_nothing(secured: Repository, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    before = secured.files()
    calls: list[object] = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return genuine(*arguments)

    module, name = {"encrypt": (sealing, "body_of"), "write": (writing, "_write")}[moment]
    genuine = getattr(module, name)
    monkeypatch.setattr(module, name, interrupted)
    done = secured.run("rotate", "--env", "dev")
    assert (done.code, done.err.strip()) == (130, "gitops-generate: interrupted")
    assert secured.files() == before


def test_ctrl_c_waits_while_files_are_replaced(secured: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    before, replace = secured.everything(), os.replace

    def slowly(source: Path, target: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        replace(source, target)

    monkeypatch.setattr(os, "replace", slowly)
    assert secured.run("rotate", "--env", "dev").code == 130
    monkeypatch.undo()
    after = secured.everything()
    database, store = after[DB.format("dev")], after[STORE.format("dev")]
    assert database["password"] == store["database"] != before[DB.format("dev")]["password"]


KILLED = """
import os, sys
from gitops_generate.cli.entry import run
replace, count = os.replace, 0
def killed(source, target):
    global count
    count += 1
    if count == int(sys.argv[1]):
        os.kill(os.getpid(), 9)
    replace(source, target)
os.replace = killed
run(["secrets", "--repo", sys.argv[2], "--keys-dir", sys.argv[3]])
"""


@pytest.mark.parametrize("at", [1, 3, 7])
def test_a_killed_run_is_completed_by_the_next(tmp_path: Path, at: int) -> None:
    repository = build(tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", KILLED, str(at), str(repository.root), str(repository.keys)]
    assert subprocess.run(arguments, env=environment, check=False).returncode == -9
    key = repository.key().read_bytes()
    assert repository.run().code == 0
    values = repository.everything()
    assert len(values) == 5 and repository.key().read_bytes() == key
    assert values[DB.format("dev")]["password"] == values[STORE.format("dev")]["database"]
    assert not [path for path in repository.files() if Path(path).name.startswith(".") and path.count("/") > 1]
    text = "".join(body.decode() for body in repository.files().values())
    assert all(value not in text for each in values.values() for value in each.values() if value not in {"mlflow", "admin"})


def test_a_second_run_is_kept_out(secured: Repository) -> None:
    with writing.alone(secured.root):
        done = secured.run("rotate", "--env", "dev")
        assert done.code == 1 and "another gitops-generate is at work" in done.err
        assert secured.run("status").code == 0
    assert secured.run("rotate", "--env", "dev").code == 0


def test_of_two_that_make_a_key_one_wins(tmp_path: Path) -> None:
    folder = KeyFolder("acme", tmp_path / "repository", tmp_path / "keys")
    refused: list[Refused] = []

    def write(number: int) -> None:
        try:
            folder.write("dev", f"age1{number}", b"AGE-SECRET-KEY-%d\n" % number)
        except Refused as fault:
            refused.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7 and all("never replaced" in str(fault) for fault in refused)
    assert folder.path("dev").read_text().count("AGE-SECRET-KEY") == 1


def test_modes_are_kept(secured: Repository) -> None:
    path = secured.root / DB.format("dev")
    path.chmod(0o640)
    assert secured.run("rotate", "mlflow-db", "--env", "dev").code == 0
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.slow
def test_thirty_environments_take_seconds(tmp_path: Path) -> None:
    repository = build(tmp_path)
    names = [f"env-{number}" for number in range(30)]
    repository.write(".copier-answers.yml", "platform: acme-ml\nenvironments:\n" + "".join(f"  - name: {name}\n" for name in names))
    secret = "  - {name: s%d, namespace: a, component: c%d, stage: config, purpose: x, keys: {a: {generate: password}, b: {derive: '{a}'}}}\n"
    repository.write("secret-catalogue.yaml", "secrets:\n" + "".join(secret % (number, number) for number in range(15)))
    for number in range(15):
        for name in names:
            (repository.root / f"platform/c{number}/config/overlays/{name}").mkdir(parents=True)
    begun = time.monotonic()
    assert repository.run().code == 0
    assert time.monotonic() - begun < 20
    assert len(list(repository.root.rglob("*.sops.yaml"))) == 450 + 1
