"""What a kept report depends on besides the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import gitops_validate
from gitops_validate.keeping import memo


@pytest.mark.parametrize("module", ["rules/flux/suspended.py", "review/compare.py", "building/build.py", "keeping/memo.py", "cli/entry.py"])
def test_a_report_is_not_kept_longer_than_any_part_of_the_package(module: str) -> None:
    whole = Path(gitops_validate.__file__).parent
    assert any(stamp.startswith(f"{whole / module} ") for stamp in memo._stamps(os.fspath(memo.PACKAGE)))
