"""The repository that most tests of the command line begin with."""

from pathlib import Path

import pytest

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good, namespace: default}\ndata: {a: b}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo/clusters/dev"
    folder.mkdir(parents=True)
    (folder / "good.yaml").write_text(GOOD)
    return tmp_path / "repo"
