"""What a person at a terminal sees: lines that fit, and no traceback however early the run is interrupted."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

BAD = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default, labels: {app.kubernetes.io/part-of: shop}}\nspec: {ports: [{port: 99999}]}\n"
SLOW = "import time\ntime.sleep(30)\n"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_line_of_a_file_and_its_marks_fit(columns: int, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(BAD.replace("spec: {", "spec: {selector: {app.kubernetes.io/name: a-name-that-is-long-enough}, "))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "FORCE_COLOR"}} | {"NO_COLOR": "1"}
    line = [sys.executable, "-m", "gitops_validate", "manifests", "web.yaml"]
    subprocess.run(line, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, check=False, timeout=60, env=environment)
    os.close(theirs)
    shown, marks = (each for each in os.read(ours, 1 << 16).decode().splitlines() if each[5:7] == " |")
    assert max(len(shown), len(marks)) <= columns
    assert shown[marks.index("^") : len(marks)] == "port"


def test_an_interruption_while_modules_are_imported_just_ends_it(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(f"print('importing', flush=True)\n{SLOW}")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    begun = subprocess.Popen([sys.executable, "-m", "gitops_validate", "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert begun.stdout
    assert begun.stdout.readline() == b"importing\n"
    begun.send_signal(signal.SIGINT)
    assert begun.communicate(timeout=30) == (b"", b"")
    assert begun.returncode == -signal.SIGINT
