"""No value of a Secret in any message."""

from __future__ import annotations

import orjson
import pytest

from gitops_validate.judging.hide import without_secrets
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Origin, RenderedObject


def held(kind: str = "Secret", **data: object) -> RenderedObject:
    ref = ObjectRef("v1", kind, "default", "x")
    return RenderedObject(ref, orjson.dumps(data), Origin(), ReconcilerRef("Kustomization", "flux-system", "x"), "dev")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("hunter2", "illegal base64 data: hunter2 at input byte 4"),
        ("hunter2", 'stringData.a: Invalid value: "hunter2": must be something'),
        ("a b: c", "data.a: 'a b: c' is not base64"),
        (12.50, "expected map, got &{12.5}"),
        (1234567, "expected string, got &value.valueUnstructured{Value:1.234567e+06}"),
    ],
)
def test_what_a_secret_holds_is_hidden(value: object, message: str):
    said = without_secrets(message, held(stringData={"a": value}))
    assert str(value) not in said and "1.23" not in said and "12.5" not in said and "<hidden>" in said


def test_what_is_around_it_stays():
    said = without_secrets('data.a: Invalid value: "x\\"y": must be base64', held(data={"a": 'x"y'}))
    assert said == "data.a: Invalid value: <hidden>: must be base64"


def test_other_kinds_are_quoted_as_they_are():
    assert without_secrets("Invalid value: 7: too small", held("ConfigMap", data={"a": "7"})) == "Invalid value: 7: too small"
