"""The JSON report: what its schema says, the same bytes for the same content, nothing that a terminal acts upon."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from gitops_validate.model.finding import Finding, Incomplete, Pending, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import Place
from gitops_validate.model.report import Report, Summary
from gitops_validate.report import write
from gitops_validate.report.look import Look

SCHEMA = json.loads(files("gitops_schemas").joinpath("report.schema.json").read_text())
FINDING = Finding(
    "api-verdict",
    Severity.ERROR,
    "spec.replicas: must not be negative",
    Place("apps/deployment.yaml", 7, 3, 15),
    "f00d",
    environment="prod",
    reconciler="Kustomization/flux-system/apps",
    object=ObjectRef("apps/v1", "Deployment", "web", "web"),
    field="spec.replicas",
)
REPORT = Report(
    Summary(("prod", "dev"), 2, 5, 4, 9, Severity.WARNING),
    (FINDING, replace(FINDING, environment="dev", severity=Severity.INFO, object=None)),
    (replace(FINDING, waived="known until spring"),),
    (Incomplete("no-schema", "example.org/Widget", "nothing defines it"), Incomplete("chart", "redis", "offline", accepted="not ours")),
    (Pending("db", "prod", "db.sops.yaml"),),
)


def as_json(report: Report) -> str:
    out = io.StringIO()
    write("json", report, out, Look())
    return out.getvalue()


def faults(text: str) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(text))]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_full_report_is_what_its_schema_says() -> None:
    assert faults(as_json(REPORT)) == []


def test_the_schema_refuses_what_is_missing_or_unknown() -> None:
    values: dict[str, Any] = json.loads(as_json(REPORT))
    del values["findings"][0]["fingerprint"]
    values["findings"][1]["colour"] = "red"
    values["waived"][0].pop("waiver")
    assert len(faults(json.dumps(values))) >= 3


def test_the_order_of_findings_makes_no_difference() -> None:
    turned = replace(REPORT, findings=REPORT.findings[::-1], incomplete=REPORT.incomplete[::-1])
    assert as_json(turned) == as_json(REPORT)


def test_counts_are_by_severity_and_accepted_gaps_are_counted_apart() -> None:
    summary = json.loads(as_json(REPORT))["summary"]
    assert summary["findings"] == {"error": 1, "warning": 0, "info": 1}
    assert (summary["incomplete"], summary["accepted"], summary["waived"], summary["failLevel"]) == (1, 1, 1, "warning")


@given(st.text(st.characters()))
def test_nothing_in_it_moves_a_cursor_and_every_text_comes_back(text: str) -> None:
    written = as_json(replace(REPORT, findings=(replace(FINDING, message=text),)))
    assert written.encode().decode() == written
    assert all(
        character.isprintable() or character in "\n " or ord(character) > 0x2100 or character == "\xa0"
        for character in written
        if ord(character) < 0x300
    )
    encodable = text.encode("utf-8", "backslashreplace").decode()
    assert json.loads(written)["findings"][0]["message"] == encodable
