"""Every rule over objects in which anything may stand anywhere: none raises, none hangs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from ruamel.yaml import YAML

from gitops_validate.building import link
from gitops_validate.check import Options, check
from gitops_validate.config import Config, Differ, Mirror
from gitops_validate.errors import EngineError, UsageError
from gitops_validate.judging.subjects import Subjects
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Profile
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.render import Cause, Origin, Render, Rendered, RenderedObject, Verdict
from gitops_validate.pages import examples
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.outline import outline
from gitops_validate.placing.patch import Ask
from gitops_validate.placing.routes import get, nodes
from gitops_validate.rule import rules

GONE: Ask = lambda asked: [EngineError("gone") for _ in asked]  # noqa: E731
"""An engine that answers nothing."""
ODD = st.sampled_from(
    [None, True, 0, -1, 2**70, 1.5, "", "x" * 300, "${A}", "a/b", "\x00é", [], [None], [[]], {}, {"": None}, [{"name": 1}], {"name": []}]
)


def documents() -> list[Any]:
    """The objects of all pages."""
    found = []
    for rule in rules().values():
        for section in ("Avoid", "Prefer"):
            for path, text in examples(rule, section).items():
                if path.endswith(".yaml") and "<<<" not in text and "{{" not in text and rule.category not in ("files", "secrets"):
                    found += [each for each in YAML(typ="safe", pure=True).load_all(text) if isinstance(each, dict)]
    return [each for each in found if isinstance(each.get("kind"), str) and isinstance(each.get("apiVersion"), str)]


DOCUMENTS = documents()
ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")
DEV = Environment("dev", "clusters/dev", "1.36")
CONFIG = Config(mirror=Mirror(("mirror.example",), ("mirror.example",)))


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
    verdicts = tuple(Verdict(each, "rejected", (Cause("spec.a[0]", "/spec/a", "Invalid", "no"),), ("odd",)) for each in objects)
    return Rendered(DEV, (Render(link.entry(DEV), objects), *(render for ref, render in inner.items() if ref != ENTRY)), verdicts)


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
        for subject, context in subjects.of(rule.reads[0]):
            yield from rule.problems(subject, context)


@settings(max_examples=100, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(mutated())
def test_no_rule_raises_over_odd_objects(listed: list[Any]):
    for problem in problems(Subjects(repository(listed), [rendered(listed)], CONFIG, GONE)):
        assert problem.message and len(problem.message) < 2000


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [{}], {"name": 7}])
@pytest.mark.parametrize(
    "field", ["dependsOn", "postBuild", "healthChecks", "healthCheckExprs", "sourceRef", "chart", "install", "ref", "selector", "rules"]
)
def test_no_rule_raises_when_a_field_of_the_spec_is_odd(field: str, odd: Any):
    listed = [{**data, "spec": {**data["spec"], field: odd}} for data in DOCUMENTS if isinstance(data.get("spec"), dict)]
    for problem in problems(Subjects(repository(listed), [rendered(listed)], CONFIG, GONE)):
        assert problem.message


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [{}], {"name": 7}])
@pytest.mark.parametrize("field", ["spec", "metadata", "data", "subjects", "roleRef"])
def test_no_rule_raises_when_a_whole_field_is_odd(field: str, odd: Any):
    listed = [{**data, field: odd} for data in DOCUMENTS]
    for problem in problems(Subjects(repository(listed), [rendered(listed)], CONFIG, GONE)):
        assert problem.message


@settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
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


REPOS = Path(__file__).parents[1] / "repos"
LINES = st.sampled_from(
    [
        "",
        "  ",
        "x",
        "- x",
        "a: &a [*a]",
        "a: *nobody",
        "? [a]",
        "!!binary x",
        "%YAML 9",
        "---",
        "...",
        "\t",
        '"',
        "|",
        "{",
        "é\u2028",
        "kind: 7",
        "spec: []",
    ]
)


def fixtures() -> list[dict[str, str]]:
    """The files of every page and of every case of the suite."""
    shown = [dict(examples(rule, section)) for rule in rules().values() for section in ("Avoid", "Prefer")]
    for case in sorted(REPOS.glob("*/*-*")):
        files = {path.relative_to(case).as_posix(): path.read_text(encoding="utf-8") for path in sorted(case.rglob("*")) if path.is_file()}
        shown.append({path: text for path, text in files.items() if not path.startswith(("before/", "meanwhile/"))})
    return [files for files in shown if any(path.startswith("clusters/") for path in files)]


FIXTURES = fixtures()


@st.composite
def broken(draw: st.DrawFn) -> dict[str, str]:
    """The files of two fixtures, with lines that are gone, twice there, moved or odd."""
    files = {**draw(st.sampled_from(FIXTURES)), **draw(st.sampled_from(FIXTURES))}
    for path in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=4)):
        lines = files[path].split("\n")
        at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        match draw(st.sampled_from(["drop", "twice", "swap", "odd", "value", "cut"])):
            case "drop":
                del lines[at]
            case "twice":
                lines.insert(other, lines[at])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "odd":
                lines.insert(at, indent + draw(LINES))
            case "value":
                lines[at] = f"{lines[at].partition(':')[0]}: {draw(LINES)}"
            case "cut":
                lines = [*lines[:at], lines[at][: len(lines[at]) // 2]]
        files[path] = "\n".join(lines)
    return files


@pytest.mark.slow
@settings(max_examples=150, deadline=60_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(files=broken())
def test_no_rule_fails_over_a_fixture_however_it_is_broken(tmp_path_factory: pytest.TempPathFactory, files: dict[str, str]):
    root = tmp_path_factory.mktemp("broken")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    try:
        report = check(Options(root, offline=True, cache=False, workers=1, profile=Profile.STRICT))
    except UsageError:  # a broken configuration stops the run, in a sentence
        return
    assert [gap for gap in report.incomplete if gap.what == "rule"] == []
