"""`diff --between`: one environment against another, what may differ set apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.cli.entry import run
from gitops_validate.model.change import Change, EnvironmentReview, Level
from gitops_validate.review.between import between

CASES = Path(__file__).parent.parent / "repos/undeclared-difference"


def compared(case: str, one: str = "dev", other: str = "prod") -> EnvironmentReview:
    (found,) = between(Options(CASES / case, offline=True, cache=False, workers=1), one, other).environments
    return found


def fields(changes: tuple[Change, ...], *expected: str) -> dict[str, set[str]]:
    """The fields of each object that are expected for one of these reasons."""
    found = {str(change.ref): {field.path for field in change.fields if not field.noise and field.expected in expected} for change in changes}
    return {ref: paths for ref, paths in found.items() if paths}


def test_what_is_declared_is_set_apart() -> None:
    found = compared("avoid-others-than-declared")
    assert fields(found.changes, "declared") == {"ConfigMap/default/settings": {"data.level"}}
    assert found.level is Level.NOTHING and found.count("modified") == 0


def test_a_declaration_for_another_environment_sets_nothing_apart() -> None:
    found = compared("avoid-others-than-declared", "stage", "prod")
    assert fields(found.changes, "") == {"ConfigMap/default/settings": {"data.level"}} and found.count("modified") == 1


def test_values_of_a_release_are_its_own_fields_wherever_they_are_written() -> None:
    found = compared("avoid-values-of-a-release")
    assert fields(found.changes, "")["HelmRelease/flux-system/web"] == {"spec.values.log.level"}
    assert fields(found.changes, "declared") == {"HelmRelease/flux-system/web": {"spec.values.replicas"}}
    assert not any(change.ref.name.startswith("values") and not change.noise for change in found.changes)


def test_what_a_chart_makes_of_expected_values_is_expected() -> None:
    found = compared("prefer-declared-values")
    assert all(change.quiet for change in found.changes)
    assert set(fields(found.changes, "follows")) == {"ConfigMap/flux-system/web"}


def test_objects_with_an_environment_in_their_name_are_the_same() -> None:
    found = compared("prefer-what-is-each-ones-own")
    assert {change.action for change in found.changes} == {"renamed"}
    assert {str(change.ref): change.expected for change in found.changes} == {"Namespace/team-prod": True, "Deployment/team-prod/web": False}


@pytest.mark.parametrize("pair", [("dev", "prod"), ("prod", "dev")])
def test_what_only_one_environment_has_is_declared_by_the_fields_below_it(pair: tuple[str, str]) -> None:
    declared = fields(compared("prefer-declared-values", *pair).changes, "declared")
    assert declared == {"HelmRelease/flux-system/web": {"spec.values.log.level", "spec.values.trace"}}


def test_a_version_is_told_however_much_may_differ() -> None:
    found = compared("prefer-what-is-each-ones-own")
    assert fields(found.changes, "") == {"Deployment/team-prod/web": {"spec.template.spec.containers[name=web].image"}}
    assert [impact.message for impact in found.impacts] == ["image registry.example/web: 1.5.0 to 1.4.2 (a step back)"]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_what_is_left_is_what_the_rule_finds(case: str) -> None:
    options = Options(CASES / case, offline=True, cache=False, workers=1)
    told = {(finding.rule, finding.field) for finding in check(options).findings if finding.rule == "undeclared-difference"}
    pairs = [("dev", "stage"), ("dev", "prod"), ("stage", "prod")] if (CASES / case / "clusters/stage").exists() else [("dev", "prod")]
    changes = [change for pair in pairs for change in compared(case, *pair).changes if change.reconciler.kind != "HelmRelease"]
    left = {("undeclared-difference", path) for paths in fields(tuple(changes), "").values() for path in paths}
    written = CASES / case / ".gitops-validate.yaml"
    if written.exists() and "differ:" in written.read_text():
        assert {(rule, path) for rule, path in left if not path.endswith(".image")} == told
    else:
        assert not told


def test_every_format_tells_declared_differences_apart(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["diff", str(CASES / "avoid-values-of-a-release"), "--no-cache", "--between", "dev", "prod"]
    assert run([*arguments]) == 0
    text = capsys.readouterr().out
    assert "declared to differ:\n  HelmRelease/flux-system/web spec.values.replicas: 1 → 3\n" in text
    assert text.index("spec.values.log.level: info → warning") < text.index("declared to differ")
    assert run([*arguments, "--format", "json"]) == 0
    (environment,) = json.loads(capsys.readouterr().out)["environments"]
    assert {field["expected"] for change in environment["changes"] for field in change["fields"]} == {"", "declared", "own"}
    for form, mark in (("markdown", "<b>declared to differ</b>: 1"), ("html", "<h2>Declared to differ</h2> <small>1</small>")):
        assert run([*arguments, "--format", form]) == 0
        assert mark in capsys.readouterr().out
    assert run([*arguments, "--format", "unified"]) == 0
    assert "log:" in capsys.readouterr().out
