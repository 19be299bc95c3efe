"""The example platform is clean, and each fault that the demo plants is found by one rule at the line to edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import demo

Report = dict[str, Any]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo.EXAMPLE, tmp_path / "acme"))


def check(checkout: Path) -> Report:
    done = subprocess.run([demo.OURS, "check", checkout, "--format", "json", "--offline"], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def test_the_example_is_clean(checkout: Path) -> None:
    report = check(checkout)
    assert report["findings"] == []
    assert report["incomplete"] == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", demo.FAULTS, ids=lambda fault: Path(fault.file).stem + "-" + fault.rule)
def test_each_fault_is_found_where_it_is(checkout: Path, fault: demo.Fault) -> None:
    demo.plant(checkout, fault)
    report = check(checkout)
    found = {(finding["rule"], finding["path"], line_of(checkout / finding["path"], finding["line"])) for finding in report["findings"]}
    assert found == {(fault.rule, fault.place or fault.file, fault.line)}


def line_of(file: Path, number: int) -> str:
    return file.read_text().splitlines()[number - 1].strip()


@pytest.mark.slow
def test_the_demo_tells_its_story() -> None:
    done = subprocess.run([sys.executable, demo.__file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "What this showed" in done.stdout
