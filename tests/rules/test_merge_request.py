"""In a merge request, a waiver that the request itself brings does not count."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest_rules import commit

from gitops_validate.check import Options, check

PLAIN = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n  namespace: default\nstringData:\n  password: correct-horse\n"
WAIVED = PLAIN.replace("  namespace: default\n", "  namespace: default\n  annotations:\n    gitops-validate/allow.plaintext-secret: a test fixture\n")


def committed(root: Path, text: str) -> str:
    """Commit the one file; the commit's name."""
    return commit(root, {"clusters/dev/database.yaml": text})


def found(root: Path) -> set[str]:
    return {finding.rule for finding in check(Options(root, offline=True, cache=False, today=date(2026, 1, 15), workers=1)).findings}


def test_an_annotation_of_the_request_does_not_waive_what_it_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", committed(tmp_path, PLAIN))
    committed(tmp_path, WAIVED)
    assert found(tmp_path) == {"plaintext-secret", "unused-waiver"}


def test_one_that_was_merged_before_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", committed(tmp_path, WAIVED))
    committed(tmp_path, WAIVED.replace("correct-horse", "correct-horse-battery"))
    assert found(tmp_path) == set()


def test_outside_of_a_merge_request_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    committed(tmp_path, WAIVED)
    assert found(tmp_path) == set()
