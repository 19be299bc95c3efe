"""Patterns that see what others wrote take no longer than the text is long. A quadratic one needs minutes for such texts, a linear one a blink."""

from __future__ import annotations

import re
import time

import pytest

from gitops_validate.mend.lines import ENTRY
from gitops_validate.patterns import may_match
from gitops_validate.placing.pinpoint import FOLDER, LACKS, LISTED
from gitops_validate.placing.quoted import QUOTED
from gitops_validate.placing.templates import in_template
from gitops_validate.report.secrecy import masked
from gitops_validate.review.held import _WITHIN
from gitops_validate.rules.cluster.api_warning import FIELD, STEP
from gitops_validate.rules.supply.floating_chart_version import EXACT

LENGTH, SECONDS = 120_000, 5
UNITS = (
    " ",
    "a",
    "A",
    "A.",
    "A.A./",
    "A.a.a/a.",
    "/",
    "[",
    "[0",
    "=",
    "0",
    "0.",
    "'",
    '"',
    "x'y",
    "a.",
    "- ",
    "a ",
    "a: ",
    "struct field a.",
    "path '",
    "path: ",
    "missing ",
)
PATTERNS = {
    "ENTRY": ENTRY,
    "FIELD": FIELD,
    "STEP": STEP,
    "EXACT": EXACT,
    "QUOTED": QUOTED,
    "FOLDER": FOLDER,
    "LISTED": LISTED,
    "LACKS": LACKS,
    "WITHIN": _WITHIN,
}
PREFIXES = ("", "a", "metadata", "struct field ", "{")


def took(work: object, text: str) -> float:
    assert callable(work)
    start = time.process_time()
    work(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_a_long_line_is_searched_at_once(pattern: re.Pattern[str], unit: str) -> None:
    for prefix in PREFIXES:
        text = prefix + unit * (LENGTH // len(unit))
        for work in (pattern.search, pattern.fullmatch, pattern.findall):
            assert took(work, text) < SECONDS


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_line_is_masked_at_once(unit: str) -> None:
    for prefix in PREFIXES:
        assert took(lambda text: masked([text], 0), prefix + unit * (LENGTH // len(unit))) < SECONDS


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_line_of_a_template_is_read_at_once(unit: str) -> None:
    for prefix in ("", "- ", " ", "{", "kind: X\n", "kind: X\nspec:\n- "):
        assert took(lambda text: in_template("t", text, "X", ("spec", 0, "name")), prefix + unit * (LENGTH // len(unit))) < SECONDS


@pytest.mark.parametrize(
    ("message", "quoted"),
    [
        ("no matches for Id ConfigMap.v1.[noGrp]/web.default; failed to find", "web"),
        ("invalid struct field MyType.image of", "image"),
        ("value 'web' is wrong", "web"),
        ("add operation does not apply: doc is missing path: /spec/replicas: missing", "/spec/replicas"),
    ],
)
def test_what_messages_quote_is_still_seen(message: str, quoted: str) -> None:
    assert quoted in {found[found.lastindex or 0] for found in QUOTED.finditer(message)}


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "a*a*a*a*a*b", "(", "a" * 1000])
def test_what_somebody_else_wrote_is_not_compared_where_it_could_take_forever(pattern: str) -> None:
    assert may_match(pattern, "a" * 200, whole=True)


def test_what_is_quick_is_compared() -> None:
    assert not may_match("web-.*", "api-1", whole=True)
    assert may_match("web|api", "api", whole=True)
    assert may_match("eb-", "web-1")
