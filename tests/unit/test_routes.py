"""Where a route leads in another version of an object."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_validate.placing.routes import Route, follow

RULES = {"rules": [{"host": "a.example", "backend": "a"}, {"host": "b.example", "backend": "b"}]}


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"rules": [{"host": "b.example", "backend": "x"}]}, (("rules", 0, "backend"), True)),
        ({"rules": [{"host": "a.example", "backend": "x"}, {"host": "${host}", "backend": "x"}]}, (("rules", 1, "backend"), True)),
        ({"rules": [{"host": "a.example", "backend": "x"}, {"host": "c.example", "backend": "x"}]}, (("rules",), False)),
    ],
)
def test_an_item_is_known_by_its_name_or_by_the_variable_in_its_place(other: Any, found: tuple[Route, bool]) -> None:
    assert follow(("rules", 1, "backend"), RULES, other) == found


def test_an_item_keeps_its_place_when_its_name_has_grown() -> None:
    known = {"valuesFrom": [{"name": "values-5g7h"}, {"name": "host-8d2k", "valuesKey": "host"}]}
    written = {"valuesFrom": [{"name": "values"}, {"name": "host", "valuesKey": "host"}]}
    assert follow(("valuesFrom", 1, "valuesKey"), known, written) == (("valuesFrom", 1, "valuesKey"), True)


def test_items_without_a_name_keep_their_places_in_a_list_of_the_same_length() -> None:
    known = {"rules": [{"resources": ["pods"]}, {"resources": ["configmaps"], "resourceNames": ["settings-5g7h"]}]}
    written = {"rules": [{"resources": ["pods"]}, {"resources": ["configmaps"], "resourceNames": ["settings"]}]}
    assert follow(("rules", 1, "resources"), known, written) == (("rules", 1, "resources"), True)
    assert follow(("rules", 1, "resources"), known, {"rules": [{"resources": ["pods"]}]}) == (("rules",), False)
