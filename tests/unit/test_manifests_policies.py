"""Policies that lie beside plain manifests: they are asked about all of them, those included that are otherwise in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.model.report import Report
from gitops_validate.plain.manifests import Options, check

POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: levels}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - {expression: object.data.level != "debug", message: no debug}
"""
BINDING = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: levels}
spec: {policyName: levels, validationActions: [Deny]}
"""
LOUD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: loud}\ndata: {level: debug}\n"
QUIET = LOUD.replace("loud", "quiet").replace("debug", "info")
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_}\n"


def looked(root: Path, stdin: str = "", **files: str) -> Report:
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text)
    inputs = [str(root), *(["-"] if stdin else [])]
    return check(Options(inputs, workers=1, stdin=stdin.encode, policies=True))


def said(report: Report) -> list[tuple[str, str, str]]:
    return [(finding.rule, Path(finding.place.path).name, str(finding.object)) for finding in report.findings]


def test_policies_are_asked_about_what_is_otherwise_in_order(tmp_path: Path) -> None:
    report = looked(tmp_path, policies=f"{POLICY}---{BINDING}", loud=LOUD, quiet=QUIET, bad=BAD)
    assert said(report) == [("api-verdict", "bad.yaml", "ConfigMap/Bad_"), ("denied-by-policy", "loud.yaml", "ConfigMap/loud")]
    assert (report.summary.objects, report.summary.checked) == (5, 5) and not report.incomplete


def test_nobody_is_asked_unless_they_are_to_be_in_force(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(f"{POLICY}---{BINDING}---\n{LOUD}")
    report = check(Options([str(tmp_path)], workers=1))
    assert not report.findings and not report.incomplete


def test_objects_on_standard_input_come_under_them_too(tmp_path: Path) -> None:
    assert said(looked(tmp_path, LOUD, policies=f"{POLICY}---{BINDING}")) == [("denied-by-policy", "-", "ConfigMap/loud")]


def test_a_list_may_hold_them(tmp_path: Path) -> None:
    items = "".join(f"  - {text.strip()}\n".replace("\n", "\n    ").rstrip() + "\n" for text in (POLICY, BINDING))
    assert said(looked(tmp_path, all=f"apiVersion: v1\nkind: List\nitems:\n{items}", loud=LOUD)) == [
        ("denied-by-policy", "loud.yaml", "ConfigMap/loud")
    ]


def test_a_policy_that_nothing_binds_says_nothing(tmp_path: Path) -> None:
    assert said(looked(tmp_path, policies=POLICY, loud=LOUD)) == []


@pytest.mark.parametrize("kind", ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"])
def test_a_policy_that_does_not_compile_is_found(tmp_path: Path, kind: str) -> None:
    mutation = '  mutations:\n    - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{data: nobody}"}}\n'
    text = POLICY.replace("object.data.level != ", "object.data.level = ")
    if kind == "MutatingAdmissionPolicy":
        text = (
            POLICY.partition("  validations")[0].replace("Validating", "Mutating") + "  reinvocationPolicy: Never\n  failurePolicy: Fail\n" + mutation
        )
    assert [rule for rule, _, _ in said(looked(tmp_path, policies=text))] == ["broken-policy"]
