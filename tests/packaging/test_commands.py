"""The commands that the documents promise, and what they say where something is missing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "bench/README.md", "examples/acme/README.md"]


def targets(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (root / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_exists(root: Path, document: str) -> None:
    promised = set(re.findall(r"(?:`|^ {4}|^\$ )make ([a-z-]+)", (root / document).read_text(), re.MULTILINE))
    assert promised
    assert promised - targets(root) == set()


def test_help_names_every_target(root: Path) -> None:
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", shown, re.MULTILINE)) == targets(root)


@pytest.mark.parametrize(("tools", "sentence"), [(["git"], "This needs Python 3.11 or newer"), ([], "This needs git")])
def test_setup_says_what_is_missing(root: Path, tmp_path: Path, tools: list[str], sentence: str) -> None:
    for name in ["bash", "dirname", *tools]:
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    script = root / "distribution/setup.sh"
    done = subprocess.run([tmp_path / "bash", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
