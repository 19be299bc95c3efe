"""What rules see of the time before a change: files as they were, and commits that are part of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest_rules import commit, git

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report
from gitops_validate.pages import examples
from gitops_validate.review.review import Asked, review
from gitops_validate.revisions import former as limits
from gitops_validate.revisions.former import Former
from gitops_validate.rule import rules

FILE = "clusters/dev/database.sops.yaml"
ENCRYPTED = examples(rules()["hand-edited"], "Avoid")[f"before/{FILE}"]
OTHER = examples(rules()["hand-edited"], "Prefer")[FILE]
PLAIN = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n  namespace: default\nstringData:\n  password: k7Gq2-mWz9-Tq41\n"
MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\ndata:\n  a: "{}"\n'
VALUE = re.compile(r"(?<=password: )ENC\[[^\]]*\]")


@pytest.fixture(autouse=True)
def _outside_of_merge_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CI_")]:
        monkeypatch.delenv(name)


def told(root: Path, base: str, tip: str = "HEAD") -> Report:
    return check(Options(root, offline=True, cache=False, workers=1, former=Former(root, base, tip)))


def said(root: Path, base: str) -> set[tuple[str, int]]:
    return {(finding.rule, finding.place.line) for finding in told(root, base).findings if finding.rule != "undecrypted-secret"}


def test_a_value_that_was_copied_from_another_file_is_one_edited_by_hand(tmp_path: Path) -> None:
    base = commit(tmp_path, {FILE: ENCRYPTED})
    found = VALUE.search(OTHER)
    assert found
    commit(tmp_path, {FILE: VALUE.sub(found.group(), ENCRYPTED, count=1)})
    assert said(tmp_path, base) == {("hand-edited", 7)}


def test_where_the_mac_is_one_of_encrypted_values_the_others_may_be_edited(tmp_path: Path) -> None:
    only = ENCRYPTED.replace("  lastmodified:", "  mac_only_encrypted: true\n  lastmodified:")
    base = commit(tmp_path, {FILE: only})
    commit(tmp_path, {FILE: only.replace("name: database", "name: storage")})
    assert said(tmp_path, base) == set()


def test_another_order_and_another_comment_are_no_other_values(tmp_path: Path) -> None:
    base = commit(tmp_path, {FILE: ENCRYPTED})
    commit(
        tmp_path,
        {FILE: "# of the database\n" + ENCRYPTED.replace("  name: database\n  namespace: default\n", "  namespace: default\n  name: database\n")},
    )
    assert said(tmp_path, base) == set()


def test_a_secret_that_was_renamed_when_it_was_encrypted_is_found_in_its_former_place(tmp_path: Path) -> None:
    base = commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    bare = commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1), "clusters/dev/database.yaml": PLAIN})
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1), FILE: ENCRYPTED})
    (finding,) = (finding for finding in told(tmp_path, base).findings if finding.rule == "exposed-in-history")
    assert (finding.place.path, finding.place.line) == (FILE, 4)
    assert bare[:12] in finding.message and "clusters/dev/database.yaml" in finding.message
    assert "k7Gq2" not in repr(finding)


def test_a_secret_that_is_still_there_is_told_once(tmp_path: Path) -> None:
    base = commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1), FILE: PLAIN})
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(2), FILE: PLAIN.replace("Tq41", "Tq42")})
    assert {rule for rule, _ in said(tmp_path, base)} == {"plaintext-secret"}


def test_a_branch_that_was_merged_and_taken_back_is_part_of_the_change(tmp_path: Path) -> None:
    base = commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    git(tmp_path, "switch", "--quiet", "--create", "side")
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1), "clusters/dev/b.yaml": PLAIN})
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    git(tmp_path, "switch", "--quiet", "-")
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(2)})
    git(tmp_path, "merge", "--quiet", "--no-edit", "side")
    assert {rule for rule, _ in said(tmp_path, base)} == {"exposed-in-history"}


def test_a_history_that_is_not_there_is_no_clean_one(tmp_path: Path) -> None:
    commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    report = told(tmp_path, "0" * 40)
    assert [(gap.what, gap.subject) for gap in report.incomplete] == [("history", "the commits of the change")]


def test_too_long_a_history_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COMMITS", 1)
    base = commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(1)})
    for number in (2, 3):
        commit(tmp_path, {"clusters/dev/a.yaml": MAP.format(number)})
    assert ["too many commits" in gap.reason for gap in told(tmp_path, base).incomplete] == [True]


def test_a_review_tells_what_the_change_brings(tmp_path: Path) -> None:
    commit(tmp_path, {FILE: ENCRYPTED})
    git(tmp_path, "branch", "--quiet", "--move", "main")
    git(tmp_path, "switch", "--quiet", "--create", "work")
    commit(tmp_path, {FILE: ENCRYPTED.replace("name: database", "name: storage")})
    found = review(Options(tmp_path, offline=True, cache=False, workers=1), Asked("main"))
    assert "hand-edited" in {finding.rule for finding in found.brought} and not found.removed
