"""docs/cli.md says what the commands say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from gitops_generate.cli.app import COMMANDS as GENERATE
from gitops_validate.cli.app import COMMANDS as VALIDATE

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location("make_cli", DOCS / "make_cli.py")
    assert spec and spec.loader
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert written == maker.page(), "run python docs/make_cli.py"
    assert all(f"## gitops-validate {command}\n" in written for command in VALIDATE)
    assert all(f"## gitops-generate {command}\n" in written for command in GENERATE)
