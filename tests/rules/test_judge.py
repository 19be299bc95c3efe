"""Findings: their places, waivers and fingerprints, and what becomes of a rule that fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from gitops_validate import judge as judging
from gitops_validate.config import Accepted, Config, Waiver
from gitops_validate.engine import Answer
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.finding import Incomplete, Problem, Severity
from gitops_validate.model.manifest import FileProblem, Manifest, Repo, YamlFile
from gitops_validate.model.report import Report
from gitops_validate.rule import Problems, Rule, rules

TODAY = date(2026, 1, 15)


def missing_path(manifest: Manifest) -> Problems:
    """A rule for these tests, under the name of a real one."""
    if "mode" not in manifest.data:
        raise KeyError("the-secret-value")
    yield Problem(manifest.at("mode"), f"line 3: the mode is {manifest.data['mode']}")
    yield Problem(manifest.at("mode"), f"line 3: the mode is {manifest.data['mode']}")


def engine(questions: Sequence[Keyed]) -> list[Answer]:
    """Stands in for the engine: to locate, a field at depth n is on line n; to parse, texts are one document of JSON."""
    if questions and questions[0].question.op == "parse":
        texts = [each.question.blobs[0] for each in questions]
        return [Answer({"files": [{"documents": [{"index": 0, "blob": 0}] if text else []}]}, (text,)) for text in texts]
    return [
        Answer({"files": [{"places": [_line(place["pointer"]) for place in file["places"]]} for file in each.question.args["files"]]})
        for each in questions
    ]


def _line(pointer: str) -> dict[str, Any]:
    return {"line": pointer.count("/"), "column": 1, "end": 5, "exact": True}


def manifest(path: str, **data: object) -> Manifest:
    return Manifest(path, 0, 1, orjson.dumps({"apiVersion": "v1", "kind": "ConfigMap", **data}))


def repo(*manifests: Manifest) -> Repo:
    return Repo(Path("/nowhere"), {each.path: "digest" for each in manifests}, {each.path: YamlFile(each.path, (each,)) for each in manifests})


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch):
    """Judge with one rule besides those about waivers."""
    known = {"missing-path": Rule(Severity.WARNING, missing_path)} | {name: rule for name, rule in rules().items() if rule.category == "waivers"}
    monkeypatch.setattr(judging, "rules", lambda: known)

    def run(checkout: Repo, config: Config = Config(), gaps: Sequence[Incomplete] = (), *, partial: bool = False, before: Any = None) -> Report:  # noqa: B008
        return judging.judge(checkout, (), config, engine, TODAY, gaps, partial=partial, before=before)

    return run


def test_a_problem_said_twice_is_one_finding_with_its_place(judge):
    (finding,) = judge(repo(manifest("a.yaml", mode="x"))).findings
    assert (finding.rule, finding.place.path, finding.place.line, finding.field) == ("missing-path", "a.yaml", 1, "mode")


def test_a_rule_that_fails_is_incomplete_and_quotes_nothing(judge):
    report = judge(repo(manifest("a.yaml"), manifest("b.yaml", mode="x")))
    (gap,) = report.incomplete
    assert (gap.what, gap.subject, gap.path) == ("rule", "missing-path", "a.yaml")
    assert "KeyError" in gap.reason and "secret" not in gap.reason
    assert len(report.findings) == 1


def test_a_file_that_the_engine_could_not_parse_is_incomplete(judge):
    file = YamlFile("a.yaml", problems=(FileProblem("a.yaml", "engine", "parse: it took too long"),))
    (gap,) = judge(Repo(Path("/nowhere"), {"a.yaml": "digest"}, {"a.yaml": file})).incomplete
    assert (gap.what, gap.path) == ("engine", "a.yaml")


def test_a_fingerprint_does_not_depend_on_lines_and_is_unique(judge):
    (first,) = judge(repo(manifest("a.yaml", mode="line 7"))).findings
    (again,) = judge(repo(manifest("a.yaml", mode="line 9"))).findings
    (other,) = judge(repo(manifest("b.yaml", mode="line 7"))).findings
    assert first.fingerprint == again.fingerprint != other.fingerprint
    two = judge(repo(manifest("a.yaml", mode="line 7"), Manifest("a.yml", 1, 9, b'{"mode": "line 8"}'))).findings
    assert len({finding.fingerprint for finding in two}) == len(two) == 2


def test_the_configuration_waives_by_object_and_path(judge):
    waiver = Waiver("missing-path", "it is meant", object="ConfigMap*", path="a.*")
    report = judge(repo(manifest("a.yaml", mode="x"), manifest("b.yaml", mode="x")), Config(waivers=(waiver,)))
    assert [finding.place.path for finding in report.findings] == ["b.yaml"]
    assert [(finding.place.path, finding.waived) for finding in report.waived] == [("a.yaml", "it is meant")]


def test_an_annotation_waives_what_is_found_in_its_document(judge):
    annotated = manifest("a.yaml", mode="x", metadata={"annotations": {"gitops-validate/allow.missing-path": "it is meant"}})
    report = judge(repo(annotated, manifest("b.yaml", mode="x")))
    assert [finding.place.path for finding in report.findings] == ["b.yaml"]


def test_in_a_merge_request_an_annotation_counts_only_if_the_object_had_it_before(judge):
    annotated = manifest("a.yaml", mode="x", metadata={"name": "a", "annotations": {"gitops-validate/allow.missing-path": "it is meant"}})
    moved = manifest("a.yaml", mode="x", metadata={"name": "b", "annotations": {"gitops-validate/allow.missing-path": "it is meant"}})
    assert not judge(repo(annotated), before=lambda _: annotated.raw).findings
    for old in (b"", moved.raw, annotated.raw.replace(b"meant", b"planned")):
        found = judge(repo(annotated), before=lambda _, old=old: old).findings
        assert {finding.rule for finding in found} == {"missing-path", "unused-waiver"}
        assert any("this merge request" in finding.message for finding in found)


@pytest.mark.parametrize(
    ("reason", "rule", "said"), [("", "api-verdict", "no reason"), ("why", "api-verdit", "no rule"), ("why", "api-verdict", "nothing")]
)
def test_a_waiver_that_does_nothing_is_found(judge, reason: str, rule: str, said: str):
    annotated = manifest("a.yaml", mode="x", metadata={"annotations": {f"gitops-validate/allow.{rule}": reason}})
    found = [finding for finding in judge(repo(annotated)).findings if finding.rule == "unused-waiver"]
    assert len(found) == 1 and said in found[0].message


def test_a_waiver_is_not_called_unused_when_only_some_environments_were_looked_at(judge):
    config = Config(path=".gitops-validate.yaml", waivers=(Waiver("missing-path", "why", path="z.yaml", line=4),))
    checkout = repo(manifest("a.yaml", mode="x"))
    assert "unused-waiver" not in {finding.rule for finding in judge(checkout, config, partial=True).findings}


def test_an_expired_waiver_waives_nothing_and_is_found_at_its_line(judge):
    old = Waiver("missing-path", "why", path="a.yaml", expires=date(2026, 1, 14), line=4)
    report = judge(repo(manifest("a.yaml", mode="x")), Config(path=".gitops-validate.yaml", waivers=(old,)))
    assert {(finding.rule, finding.place.line) for finding in report.findings} == {("missing-path", 1), ("expired-waiver", 4)}


def test_a_waiver_counts_on_its_last_day(judge):
    last = Waiver("missing-path", "why", path="a.yaml", expires=TODAY)
    assert not judge(repo(manifest("a.yaml", mode="x")), Config(waivers=(last,))).findings


def test_gaps_are_accepted_by_word_and_subject_until_they_expire(judge):
    gap = Incomplete("chart", "https://charts.example/web", "out of reach")
    accepted = Accepted("chart", "https://charts.example/*", "no network here")
    expired = Accepted("chart", "*", "long ago", date(2026, 1, 14))
    (kept,) = judge(repo(), Config(accept=(accepted,)), [gap]).incomplete
    (open_,) = judge(repo(), Config(accept=(expired,)), [gap]).incomplete
    assert (kept.accepted, open_.accepted) == ("no network here", "")
