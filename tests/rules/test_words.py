"""What the API server says, in words that a person reads."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("data: {a: 5}", "data.a: expected string, got 5"),
        ("immutable: maybe", "immutable: expected boolean, got maybe"),
    ],
)
def test_a_message_has_no_types_of_go_in_it(checked, written: str, said: str) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: default}}\n{written}\n"
    assert [each.partition("would be refused: ")[2] for each in checked({"clusters/dev/a.yaml": text}).said] == [said]


def test_a_conversion_is_not_told(checked) -> None:
    text = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a, namespace: default}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1GB}}}\n"
    said = " ".join(checked({"clusters/dev/a.yaml": text}).said)
    assert "quantities must match" in said and "convert" not in said
