"""What a crash costs: the report is the same, whether files are examined by one request or parsed and judged by two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.plain import manifests
from gitops_validate.plain.manifests import Options, check

MIXED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: good}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: Bad_}
---
apiVersion: things.example/v1
kind: Thing
metadata: {name: custom}
spec: {}
---
apiVersion: nobody.example/v1
kind: Other
metadata: {name: unknown}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: in-a-list}, dta: {}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.things.example}
spec:
  group: things.example
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


class Fragile(Engine):
    """An engine that no request to examine survives, or to judge."""

    dies_of: tuple[str, ...] = ("manifests",)

    def asking(self, questions: Iterable[Question], seconds: float = 60.0) -> Iterator[Answer | EngineError]:
        for each in questions:
            yield EngineError("it died") if each.op in self.dies_of else super().ask_all([each], seconds)[0]

    def ask_all(self, questions: Iterable[Question], seconds: float = 60.0) -> list[Answer | EngineError]:
        return list(self.asking(questions, seconds))


@pytest.fixture
def options(tmp_path: Path) -> Options:
    (tmp_path / "a.yaml").write_text(MIXED)
    (tmp_path / "b.yaml").write_text("a: [\n")
    return Options([str(tmp_path), "-"], stdin=MIXED.encode)


def test_a_crash_costs_no_verdict(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check(options)
    assert (whole.summary.objects, whole.summary.checked, len(whole.findings), len(whole.incomplete)) == (14, 12, 7, 1)
    monkeypatch.setattr(manifests, "Engine", Fragile)
    assert check(options) == whole


def test_what_nothing_survives_is_not_clean(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "Engine", Fragile)
    monkeypatch.setattr(Fragile, "dies_of", ("manifests", "validate"))
    report = check(options)
    assert report.summary.checked == 0
    assert [gap.reason for gap in report.incomplete] == ["it died; 14 objects were not judged"]


def test_a_file_that_brings_the_engine_down_is_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(MIXED)
    monkeypatch.setattr(manifests, "Engine", Fragile)
    monkeypatch.setattr(Fragile, "dies_of", ("manifests", "parse"))
    report = check(Options([str(tmp_path)]))
    assert [(gap.path, gap.reason) for gap in report.incomplete] == [("a.yaml", "it died")]


def test_a_version_that_the_bundle_does_not_serve_is_refused_and_a_kind_that_it_does_not_know_is_a_gap(tmp_path: Path) -> None:
    """`check` leaves the former open, as a cluster may run another release; here nothing but the bundle says what there is."""
    file = tmp_path / "a.yaml"
    head = "kind: ExternalSecret\nmetadata: {name: a, namespace: default}\nspec: {}\n"
    file.write_text(f"apiVersion: external-secrets.io/v1beta1\n{head}---\napiVersion: nobody.example/v1\n{head}")
    report = check(Options([str(file)], workers=1))
    assert [(each.rule, each.place.line) for each in report.findings] == [("api-verdict", 1)]
    assert "it is served as external-secrets.io/v1 in the release that is known here" in report.findings[0].message
    assert [(gap.what, gap.subject) for gap in report.incomplete] == [("no-schema", "nobody.example/ExternalSecret")]
