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
