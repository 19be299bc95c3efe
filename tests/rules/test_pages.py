"""A rule's page is its test: what stands under Avoid is found at the marked line by this rule alone, what stands under Prefer is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.pages import examples, pages
from gitops_validate.rule import Rule, rules

SHOWN = [rule for rule in rules().values() if examples(rule, "Avoid")]
DOCS = Path(__file__).parents[2] / "docs/rules"


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_avoid_is_found_at_its_mark_by_this_rule_alone(rule: Rule, checked):
    outcome = checked(examples(rule, "Avoid"))
    assert outcome.rules == {rule.id}, outcome.said
    assert outcome.lines == outcome.marked, outcome.said
    assert not any(gap.what == "rule" for gap in outcome.report.incomplete), outcome.said


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_prefer_is_clean(rule: Rule, checked):
    outcome = checked(examples(rule, "Prefer"))
    assert not outcome.said


def test_a_case_of_its_own_is_found_at_its_mark_by_its_rule_alone(repository, checked):
    rule, broken, files = repository
    outcome = checked(files)
    assert outcome.rules == ({rule} if broken else set()), outcome.said
    assert outcome.lines == outcome.marked, outcome.said
    assert not any(gap.what == "rule" for gap in outcome.report.incomplete), outcome.said


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_page_with_a_title_a_reason_and_examples(rule: Rule):
    title, blank, why, *_ = rule.page.split("\n")
    assert title.endswith(".") and not blank and why
    assert (examples(rule, "Avoid") and examples(rule, "Prefer")) or rule.id in ("outside-link", "mac-mismatch", "oversized-encrypted-file")


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_a_rule_is_found_under_its_own_name(rule: Rule):
    assert rule.function.__module__ == f"gitops_validate.rules.{rule.category}.{rule.function.__name__}"


def test_the_pages_in_docs_are_those_of_the_rules():
    written = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
    assert written == dict(pages()), "run: python -m gitops_validate.pages docs/rules"
