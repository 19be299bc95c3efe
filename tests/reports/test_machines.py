"""Reports for GitLab: what it asks of each format, whatever stands in the repository."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_validate.model.finding import Severity
from gitops_validate.model.place import Place
from gitops_validate.model.report import Report
from gitops_validate.report import junit, sarif
from gitops_validate.rule import rules

from .sample import APPS, FINDING, FULL, HOSTILE, hostile, written

MANY = replace(FULL, findings=tuple(replace(FINDING, fingerprint=f"{number:x}", place=Place("a.yaml", number + 1, 1)) for number in range(6000)))
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(), min_size=1)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def issues(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written("codeclimate", report))
    return found


def run(report: Report) -> dict[str, Any]:
    log = json.loads(written("sarif", report))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    found: dict[str, Any] = log["runs"][0]
    return found


def suites(report: Report) -> dict[str, ET.Element]:
    root = ET.fromstring(written("junit", report))
    assert root.tag == "testsuites"
    return {suite.attrib["name"]: suite for suite in root}


def test_code_quality_has_each_finding_once_and_each_gap() -> None:
    found = issues(FULL)
    assert [(each["check_name"], each["severity"], each["location"]["lines"]["begin"]) for each in found] == [
        ("api-verdict", "critical", 6),
        ("api-verdict", "critical", 6),
        ("duplicate-key", "minor", 6),
        ("api-verdict", "info", 1),
        ("incomplete-no-schema", "major", 1),
    ]
    assert found[0]["description"] == "[prod] spec.replicas: must not be negative — say how many"
    assert found[0]["location"]["path"] == "apps/web.yaml"


@given(TEXTS)
def test_code_quality_is_what_gitlab_reads_whatever_it_tells_of(text: str) -> None:
    found = issues(hostile(text))
    assert len({each["fingerprint"] for each in found}) == len(found) == 3
    for each in found:
        assert {type(each[key]) for key in ("description", "check_name", "fingerprint")} == {str}
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"]["path"] and each["location"]["lines"]["begin"] >= 1
    assert not UNSEEN.search(written("codeclimate", hostile(text)))


def test_sarif_tells_waived_findings_gaps_and_rules() -> None:
    found = run(FULL)
    assert [(each["ruleId"], each["level"], "suppressions" in each) for each in found["results"]] == [
        ("api-verdict", "error", False),
        ("api-verdict", "error", False),
        ("duplicate-key", "warning", False),
        ("api-verdict", "note", False),
        ("api-verdict", "error", True),
    ]
    first, waived = found["results"][0], found["results"][-1]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "apps/web.yaml"},
        "region": {"startLine": 6, "startColumn": 3, "endColumn": 15},
    }
    assert first["partialFingerprints"] == {"gitopsValidate/v1": "f00d"}
    assert waived["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "known until spring"}]
    (invocation,) = found["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [(note["level"], note["descriptor"]["id"]) for note in invocation["toolExecutionNotifications"]] == [
        ("error", "no-schema"),
        ("note", "chart"),
        ("note", "pending"),
    ]
    assert [each["id"] for each in found["tool"]["driver"]["rules"]] == list(rules())
    assert all(found["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in found["results"])


def test_sarif_says_what_it_leaves_out() -> None:
    found = run(MANY)
    assert len(found["results"]) == sarif.RESULTS
    note = found["invocations"][0]["toolExecutionNotifications"][0]
    assert note["descriptor"] == {"id": "cut"}
    assert note["message"]["text"].startswith("1,001 findings left out")


def test_sarif_stays_below_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "LARGEST", 500_000)
    assert len(written("sarif", MANY).encode()) <= 500_000
    assert "left out" in run(MANY)["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@given(TEXTS)
def test_sarif_is_whole_whatever_it_tells_of(text: str) -> None:
    assert not UNSEEN.search(written("sarif", hostile(text)))
    for result in run(hostile(text))["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9/._~+@,=%-]+", uri)
        assert not uri.startswith("/")
        assert len(result["message"]["text"]) <= 2048


def test_junit_has_a_suite_for_each_environment() -> None:
    found = suites(FULL)
    assert list(found) == [junit.NOWHERE, "prod", "stage"]
    told = {(name, case.attrib["name"]): [child.tag for child in case] for name, suite in found.items() for case in suite}
    assert told == {
        ("repository", "duplicate-key"): ["system-out"],
        ("repository", "no-schema: example.org/Widget"): ["error"],
        ("repository", "chart: redis"): ["skipped"],
        ("prod", f"api-verdict {APPS}"): ["failure"],
        ("prod", "waived: api-verdict apps/web.yaml:6:3"): ["skipped"],
        ("prod", "pending secret: db"): ["skipped"],
        ("prod", "Kustomization/flux-system/flux-system"): [],
        ("stage", f"api-verdict {APPS}"): ["failure"],
        ("stage", "Kustomization/flux-system/flux-system"): [],
    }
    assert found["prod"].attrib == {"name": "prod", "tests": "4", "failures": "1", "errors": "0", "skipped": "2"}


def test_a_reconciler_that_was_not_built_does_not_pass() -> None:
    cases = {case.attrib["name"]: [child.tag for child in case] for case in suites(replace(FULL, findings=()))["prod"]}
    assert cases[str(APPS)] == ["skipped"]


def test_a_warning_fails_when_warnings_do() -> None:
    strict = suites(FULL.failing_at(Severity.WARNING))["repository"]
    assert strict.find("testcase[@name='duplicate-key']/failure") is not None


@given(TEXTS)
def test_junit_is_xml_whose_cases_have_names_of_their_own(text: str) -> None:
    for suite in suites(hostile(text)).values():
        names = [case.attrib["name"] for case in suite]
        assert len(set(names)) == len(names) == int(suite.attrib["tests"])
        assert {child.tag for case in suite for child in case} <= {"failure", "error", "skipped", "system-out"}
        assert all(len(child) == 0 for case in suite for child in case)
    assert not UNSEEN.search(written("junit", hostile(text)))


def test_junit_stays_below_its_size_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "LARGEST", 1000)
    assert len(written("junit", FULL)) < 2500
    assert suites(FULL)["stage"].find("testcase[@name='report too large']/error") is not None
