"""What `gitops-validate manifests` says of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.cli.entry import run


def said_of(capsys: pytest.CaptureFixture[str], *files: Path) -> dict[str, Any]:
    """The report on some files, each object on its own."""
    capsys.readouterr()
    run(["manifests", *map(str, files), "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report
