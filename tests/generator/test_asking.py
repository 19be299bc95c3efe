"""The questions at a terminal, answered by somebody who leaves everything as it is."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gitops_generate import packing
from gitops_generate.answers import read
from gitops_generate.cli.entry import run

ROOT = Path(__file__).parents[2]
WHERE_IS_THE_CURSOR, HERE = b"\x1b[6n", b"\x1b[10;1R"
ENTER, ALT_ENTER, LEAVE_OUT, CTRL_C = b"\r", b"\x1b\r", b" \x1b\r", b"\x03"


def converse(arguments: list[str], key: bytes, **different: bytes) -> str:
    """What a terminal shows of a command to which each question gets the same key, but those that show one of the words; the first word counts."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    shown, new, end = b"", b"", time.monotonic() + 90
    asked = False  # whether a question waits: what is typed before one is drawn, and has asked where the cursor is, the next one takes for its own
    while child.poll() is None and time.monotonic() < end:
        if select.select([ours], [], [], 0.5 if asked else 5)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            shown, new = shown + part, new + part
            if WHERE_IS_THE_CURSOR in part:
                os.write(ours, HERE)
                asked = True
        elif new:
            keys = [other for word, other in different.items() if word.encode() in new]
            os.write(ours, keys[0] if keys else key)
            new, asked = b"", False
    child.kill()
    child.wait()
    os.close(ours)
    return shown.decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize(("key", "left_out"), [(ENTER, False), (ALT_ENTER, False), (ALT_ENTER, True)])
def test_what_is_left_as_it_is_has_its_default(key: bytes, left_out: bool, tmp_path: Path) -> None:
    assert run(["new", str(tmp_path / "plain"), "--defaults", "--no-secrets", "--no-check"]) == 0
    command = [sys.executable, "-m", "gitops_generate", "new", str(tmp_path / "asked"), "--no-secrets", "--no-check"]
    shown = converse(command, key, **({"metrics": LEAVE_OUT} if left_out else {}), Alt=ALT_ENTER)
    assert "Traceback" not in shown and "a fault of" not in shown, shown[-2000:]
    expected, asked = (read(tmp_path / name / ".copier-answers.yml") for name in ("plain", "asked"))
    if left_out:  # the first component, where the cursor is
        expected["components"].remove("metrics-server")
    assert asked == expected


@pytest.mark.slow
def test_copier_alone_takes_no_choice_without_an_answer(tmp_path: Path) -> None:
    packing.pack(ROOT, "1.0.0", tmp_path / "template")
    command = [sys.executable, "-m", "copier", "copy", str(tmp_path / "template"), str(tmp_path / "asked")]
    shown = converse(command, ENTER, **{"begin again": CTRL_C, "sign in?": ALT_ENTER, "Alt": ALT_ENTER})
    assert "a choice above has no answer" in shown and not (tmp_path / "asked").exists()
