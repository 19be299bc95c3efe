"""Which fields a pattern of `differ` names: these, what is below them, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_validate.config import Differ
from gitops_validate.parity.declared import ALL, ITEM, KEY, Declared, names, shown

WORDS = st.text("abc-", min_size=1, max_size=3)
STEPS = st.lists(st.one_of(WORDS, WORDS, st.just("*"), st.just("**"), st.builds("{}*".format, WORDS)), min_size=1, max_size=5)
PLACES = st.lists(st.tuples(st.sampled_from([KEY, ITEM]), WORDS), min_size=1, max_size=6)


def path(*steps: str) -> str:
    """A path of keys; `[name=web]` is an item."""
    return "".join(f"{ITEM}{step[1:-1]}" if step.startswith("[") else f"{KEY}{step}" for step in steps)


@pytest.mark.parametrize(
    ("pattern", "steps"),
    [
        ("spec.replicas", ["spec", "replicas"]),
        ("spec.values", ["spec", "values", "image", "tag"]),
        ("spec.values.**", ["spec", "values", "image", "tag"]),
        ("**.resources", ["spec", "template", "spec", "containers", "[name=web]", "resources", "limits", "cpu"]),
        ("**.env[LOG_LEVEL].value", ["spec", "containers", "[name=web]", "env", "[name=LOG_LEVEL]", "value"]),
        ("spec.containers[name=web].image", ["spec", "containers", "[name=web]", "image"]),
        ("spec.containers[*].image", ["spec", "containers", "[name=web]", "image"]),
        ("metadata.annotations[example.com/owner]", ["metadata", "annotations", "example.com/owner"]),
        ("data[values.yaml]", ["data", "values.yaml"]),
        ("spec.*Replicas", ["spec", "minReplicas"]),
        ("spec.**", ["spec"]),
    ],
)
def test_a_pattern_names_a_field_and_what_is_below(pattern: str, steps: list[str]) -> None:
    assert names(pattern, path(*steps))


@pytest.mark.parametrize(
    ("pattern", "steps"),
    [
        ("spec.replicas", ["spec"]),
        ("spec.replicas", ["spec", "replicasets"]),
        ("spec.replicas", ["status", "spec", "replicas"]),
        ("spec.*.cpu", ["spec", "limits", "more", "cpu"]),
        ("spec.containers[name=web]", ["spec", "containers", "[name=webhook]"]),
        ("spec.containers[web]", ["spec", "containers", "[name=other]"]),
        ("spec.a[name=web]", ["spec", "a", "web"]),
        ("spec.re.licas", ["spec", "replicas"]),
        ("spec", ["specs"]),
    ],
)
def test_and_no_other(pattern: str, steps: list[str]) -> None:
    assert not names(pattern, path(*steps))


def meant(pattern: list[str], place: list[tuple[str, str]]) -> bool:
    """The same, step by step."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return meant(pattern[1:], place) or (bool(place) and meant(pattern, place[1:]))
    return bool(place) and _fits(pattern[0], place[0][1]) and meant(pattern[1:], place[1:])


def _fits(step: str, text: str) -> bool:
    return text.startswith(step[:-1]) if step.endswith("*") else step == text


@given(STEPS, PLACES)
def test_a_pattern_names_exactly_what_it_says(pattern: list[str], place: list[tuple[str, str]]) -> None:
    assert names(".".join(pattern), "".join(kind + step for kind, step in place)) == meant(pattern, place)


def test_a_pattern_of_many_steps_takes_no_time() -> None:
    assert not names(".".join(["**.a"] * 20 + ["b"]), f"{KEY}a" * 300)


@given(PLACES)
def test_a_path_as_it_is_shown_is_a_pattern_that_names_it(place: list[tuple[str, str]]) -> None:
    found = "".join(kind + step for kind, step in place)
    assert names(shown(found), found)


def test_an_entry_counts_for_its_objects_its_fields_and_its_environments() -> None:
    declared = Declared(
        [
            Differ("why", "Deployment/*", ("spec.replicas",)),
            Differ("why", fields=("metadata.labels",), environments=("dev",)),
            Differ("why", "ConfigMap/default/*", environments=("dev", "stage")),
        ]
    )
    assert declared.of("Deployment/default/web").scope(path("spec", "replicas")) == {ALL}
    assert declared.of("StatefulSet/default/web").scope(path("spec", "replicas")) == frozenset()
    assert declared.of("StatefulSet/default/web").scope(path("metadata", "labels", "a")) == {"dev"}
    assert declared.of("ConfigMap/default/a").scope(path("data", "x")) == {"dev", "stage"}
    assert (declared.of("ConfigMap/default/a").presence, declared.of("ConfigMap/other/a").presence) == ({"dev", "stage"}, frozenset())
