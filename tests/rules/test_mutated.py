"""Every rule over objects in which anything may stand anywhere: none raises, none hangs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gitops_validate import link
from gitops_validate.check import Options, check
from gitops_validate.config import Config, Differ
from gitops_validate.errors import EngineError
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.render import Origin, Render, Rendered, RenderedObject
from gitops_validate.pages import examples
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.outline import outline
from gitops_validate.routes import get, nodes
from gitops_validate.rule import rules
from gitops_validate.subjects import Subjects

ASKING = ("references", "flux", "supply")
"""Categories whose rules are asked here without an engine."""
ODD = st.sampled_from(
    [None, True, 0, -1, 2**70, 1.5, "", "x" * 300, "${A}", "a/b", "\x00é", [], [None], [[]], {}, {"": None}, [{"name": 1}], {"name": []}]
)


def documents() -> list[Any]:
    """The objects of all pages of these categories."""
    found = []
    for rule in rules().values():
        for section in ("Avoid", "Prefer") if rule.category in ASKING else ():
            for path, text in examples(rule, section).items():
                if path.endswith(".yaml") and "<<<" not in text and "{{" not in text:
                    found += [each for each in YAML(typ="safe", pure=True).load_all(text) if isinstance(each, dict)]
    return [each for each in found if isinstance(each.get("kind"), str) and isinstance(each.get("apiVersion"), str)]


DOCUMENTS = documents()
ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")
DEV = Environment("dev", "clusters/dev", "1.36")


@st.composite
def mutated(draw: st.DrawFn) -> list[Any]:
    """A dozen objects, some of which have something odd somewhere."""
    chosen = [copy.deepcopy(DOCUMENTS[index]) for index in draw(st.lists(st.integers(0, len(DOCUMENTS) - 1), min_size=1, max_size=12))]
    for data in chosen:
        for _ in range(draw(st.integers(0, 3))):
            routes = [route for route, _ in nodes(data) if route and route[0] not in ("kind", "apiVersion")]
            if routes:
                *above, last = draw(st.sampled_from(routes))
                get(data, tuple(above))[last] = copy.deepcopy(draw(ODD))
    return chosen


def rendered(listed: list[Any]) -> Rendered:
    """An environment whose entry brings these objects, and whose reconcilers bring them once more."""
    objects = tuple(_object(data, ENTRY) for data in listed)
    declared = [reconciler for each in objects for reconciler in link.reconcilers(each)]
    inner = {each.ref: Render(each, tuple(_object(data, each.ref) for data in listed[:3]), source=link.source(each)) for each in declared}
    return Rendered(DEV, (Render(link.entry(DEV), objects), *(render for ref, render in inner.items() if ref != ENTRY)))


def _object(data: Any, maker: ReconcilerRef) -> RenderedObject:
    names = data.get("metadata")
    names = names if isinstance(names, dict) else {}
    own = [names.get(key) if isinstance(names.get(key), str) else "" for key in ("namespace", "name")]
    return RenderedObject(ObjectRef(data["apiVersion"], data["kind"], *own), orjson.dumps(_short(data)), Origin("a.yaml", 0), maker, "dev")


def _short(value: Any) -> Any:
    """The same with integers that JSON's readers take."""
    if isinstance(value, dict):
        return {str(key): _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    return 2**53 if isinstance(value, int) and value > 2**53 else value


def repository(listed: list[Any]) -> Repo:
    files = {f"apps/{number}.yaml": data for number, data in enumerate(listed)}
    known = {path: YamlFile(path, (Manifest(path, 0, 1, orjson.dumps(_short(data))),)) for path, data in files.items()}
    known["clusters/dev/a.yaml"] = YamlFile("clusters/dev/a.yaml")
    return Repo(Path("/nowhere"), dict.fromkeys(known, "digest"), known)


def problems(subjects: Subjects) -> Iterator[Any]:
    for rule in rules().values():
        if rule.category in ASKING:
            for subject, context in subjects.of(rule.reads[0]):
                yield from rule.problems(subject, context)


@settings(max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(mutated())
def test_no_rule_raises_over_odd_objects(listed: list[Any]):
    for problem in problems(Subjects(repository(listed), [rendered(listed)], Config(), lambda _: [])):
        assert problem.message and len(problem.message) < 2000


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [{}], {"name": 7}])
@pytest.mark.parametrize(
    "field", ["dependsOn", "postBuild", "healthChecks", "healthCheckExprs", "sourceRef", "chart", "install", "ref", "selector", "rules"]
)
def test_no_rule_raises_when_a_field_of_the_spec_is_odd(field: str, odd: Any):
    listed = [{**data, "spec": {**data["spec"], field: odd}} for data in DOCUMENTS if isinstance(data.get("spec"), dict)]
    for problem in problems(Subjects(repository(listed), [rendered(listed)], Config(), lambda _: [])):
        assert problem.message


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [{}], {"name": 7}])
@pytest.mark.parametrize("field", ["spec", "metadata", "data", "subjects", "roleRef"])
def test_no_rule_raises_when_a_whole_field_is_odd(field: str, odd: Any):
    listed = [{**data, field: odd} for data in DOCUMENTS]
    for problem in problems(Subjects(repository(listed), [rendered(listed)], Config(), lambda _: [])):
        assert problem.message


@settings(max_examples=200, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(mutated(), mutated())
def test_no_rule_raises_over_odd_environments(listed: list[Any], others: list[Any]):
    held = {"dev": rendered(listed), "prod": replace(rendered([*listed[::2], *others]), environment=replace(DEV, name="prod", domain="x.example"))}
    config, repo = Config(differ=(Differ("why", "*/a/*", ("**.a",), ("dev",)),)), repository(listed)
    outlines = {name: outline(repo, each, config, lambda asked: [EngineError("gone") for _ in asked]) for name, each in held.items()}
    fleet = Fleet(tuple(each.environment for each in held.values()), outlines, lambda _: held["dev"], lambda _: [], True, held)
    for rule in rules().values():
        for subject, context in Subjects(repo, (), config, lambda _: [], fleet=fleet).of(Fleet) if rule.category == "environments" else ():
            for problem in rule.problems(subject, context):
                assert problem.message and len(problem.message) < 5000


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(listed=mutated())
def test_no_rule_fails_in_a_whole_check(tmp_path: Path, listed: list[Any]):
    folder = tmp_path / "clusters/dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_bytes(b"---\n".join(orjson.dumps(_short(data)) + b"\n" for data in listed))
    report = check(Options(tmp_path, offline=True, cache=False, workers=1))
    assert [gap for gap in report.incomplete if gap.what == "rule"] == []
