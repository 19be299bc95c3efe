"""How the lists of two versions of an object are compared: by the keys that the API server merges by, as sets, or as a reader would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitops_validate.check import Options
from gitops_validate.model.change import ABSENT, Level, Review
from gitops_validate.model.merged import Merged
from gitops_validate.review.fields import differences
from gitops_validate.review.review import Asked, review

PORTS = {"fields": {"list": 1}}, {"items": 2, "keys": ["port", "protocol"], "defaults": {"protocol": "TCP"}}, {"fields": {"list": 1}}
SET = {"fields": {"list": 1}}, {"set": True}


def told(before: Any, after: Any, *parts: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The differences of two lists, by path."""
    found = differences({"list": before}, {"list": after}, Merged(parts) if parts else None)
    return {each.path: (each.before, each.after) for each in found}


def test_items_are_paired_by_the_keys_that_they_are_merged_by() -> None:
    """A port of the same name under another number is another port to the API server."""
    old, new = {"name": "web", "port": 80}, {"name": "web", "port": 81}
    assert told([old], [new], *PORTS) == {"list[port=80]": (old, ABSENT), "list[port=81]": (ABSENT, new)}
    assert told([old], [new]) == {"list[name=web].port": (80, 81)}


def test_a_key_that_is_left_out_counts_with_its_default() -> None:
    assert told([{"port": 80}], [{"port": 80, "protocol": "TCP"}], *PORTS) == {"list[port=80].protocol": (ABSENT, "TCP")}


def test_an_item_is_named_by_all_keys_where_one_does_not_tell_it_apart() -> None:
    both = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    assert list(told(both, [both[0], {**both[1], "a": 1}], *PORTS)) == ["list[port=53,protocol=TCP].a"]


def test_lists_within_items_are_merged_as_their_kind_says() -> None:
    old, new = [{"port": 1, "list": [{"port": 2, "name": "a"}]}], [{"port": 1, "list": [{"port": 3, "name": "a"}]}]
    assert [*told(old, new, *PORTS)] == ["list[port=1].list[port=2]", "list[port=1].list[port=3]"]


@pytest.mark.parametrize("parts", [(), PORTS])
def test_items_that_only_move_are_told_as_that(parts: tuple[dict[str, Any], ...]) -> None:
    one, other = {"name": "a", "port": 1}, {"name": "b", "port": 2}
    (path, (before, after)) = next(iter(told([one, other], [other, one], *parts).items()))
    assert path == "list(order)" and before == after[::-1] and len(before) == 2


def test_one_more_item_is_no_other_order() -> None:
    one, other = {"port": 1}, {"port": 2}
    assert told([other], [one, other], *PORTS) == {"list[port=1]": (ABSENT, one)}


def test_a_set_has_no_order() -> None:
    assert told(["a", "b"], ["b", "a"], *SET) == {}
    assert told(["a", "b"], ["b", "c", "d"], *SET) == {"list[1]": ("a", "c"), "list[2]": (ABSENT, "d")}


def test_a_list_that_is_replaced_as_a_whole_is_compared_item_by_item() -> None:
    assert told(["a", "b"], ["x", "a", "b"]) == {"list[0]": (ABSENT, "x")}
    assert set(told(["a", "b"], ["b", "a"])) == {"list[0]", "list[1]"}


@pytest.mark.parametrize(
    "items",
    [
        [{"port": 80}, {"port": 80}],
        [{"port": {"a": 1}}, {"port": [1]}],
        [{"protocol": None}, {}],
        ["text", {"port": 1}],
        [None],
        [[{"port": 1}]],
    ],
)
def test_any_list_can_be_compared(items: list[Any]) -> None:
    """Somebody wrote it: keys may stand twice, be of any type or be missing."""
    for parts in ((), PORTS, SET):
        assert told(items, items, *parts) == {}
        assert told(items, [{"port": 80}], *parts) and told([{"port": 80}], items, *parts)


DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [id]
                  items:
                    type: object
                    required: [id]
                    properties: {id: {type: string}, name: {type: string}}
                tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
---
"""
WIDGET = """\
apiVersion: example.org/v1
kind: Widget
metadata: {name: w, namespace: default}
spec:
  parts: [{id: one, name: first}, {id: two, name: second}]
  tags: [a, b]
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: default}
spec:
  containers:
    - name: app
      image: registry.example.org/app:1.0.0
      ports: [{name: http, containerPort: 80}]
      env: [{name: A, value: one}, {name: B, value: two}]
"""


@pytest.fixture
def repo(tmp_path: Path, committed: Any) -> Path:
    """An environment with an object of a kind of its own and a pod."""
    (tmp_path / "clusters/prod").mkdir(parents=True)
    (tmp_path / "clusters/prod/all.yaml").write_text(DEFINITION + WIDGET)
    committed(tmp_path)
    return tmp_path


def looked(root: Path, *swaps: tuple[str, str]) -> Review:
    file = root / "clusters/prod/all.yaml"
    text = file.read_text()
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return review(Options(root, offline=True, cache=False, workers=1), Asked("HEAD"))


def paths(found: Review) -> set[str]:
    return {field.path for each in found.environments for change in each.changes for field in change.fields}


def test_the_api_server_says_what_identifies_the_items_of_a_built_in_kind(repo: Path) -> None:
    found = looked(repo, ("containerPort: 80", "containerPort: 81"))
    assert paths(found) == {f"spec.containers[name=app].ports[containerPort={port}]" for port in (80, 81)}


def test_a_definition_says_what_identifies_the_items_of_its_kind(repo: Path) -> None:
    found = looked(repo, ("{id: one, name: first}, {id: two, name: second}", "{id: one, name: second}, {id: two, name: first}"))
    assert paths(found) == {"spec.parts[id=one].name", "spec.parts[id=two].name"}


def test_a_set_in_another_order_is_no_change(repo: Path) -> None:
    assert {each.level for each in looked(repo, ("[a, b]", "[b, a]")).environments} == {Level.NOTHING}


def test_variables_in_another_order_are_a_change(repo: Path) -> None:
    """The API server takes the new order: the update of a pod is refused for it, that of a Deployment makes new pods."""
    found = looked(repo, ("[{name: A, value: one}, {name: B, value: two}]", "[{name: B, value: two}, {name: A, value: one}]"))
    assert paths(found) == {"spec.containers[name=app].env(order)"}
    assert "immutable" in {impact.kind for each in found.environments for impact in each.impacts}
