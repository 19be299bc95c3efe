"""What distributors build from: all sources, no binary."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, root: Path) -> set[str]:
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], cwd=root, check=True, capture_output=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        return {name.split("/", 1)[1] for name in tar.getnames()}


def test_has_what_builds_the_engine(files: set[str]) -> None:
    assert {"validators/engine/main.go", "validators/engine/go.mod", "validators/engine/go.sum"} <= files
    assert {"distribution/hatch_build.py", "distribution/engine.py", "pyproject.toml", "LICENSE"} <= files


def test_has_no_binary_and_nothing_that_was_built(files: set[str]) -> None:
    assert not {name for name in files if "/_engine/" in name or name.startswith((".venv/", "build/")) or "__pycache__" in name}
