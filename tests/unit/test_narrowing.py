"""Nearer to the fault than the field that the API server names."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_validate.judging.narrowing import narrowed
from gitops_validate.model.render import Cause
from gitops_validate.placing.routes import Route

SERVICE = {
    "metadata": {"labels": {"app": "web", "note": "not a label"}},
    "spec": {"ports": [{"port": 80}, {"port": 443}, {"port": 80, "name": "again"}]},
}
SCHEMA = {"properties": {"spec": {"x-kubernetes-validations": [{"rule": "self.size > 0"}]}}}
DEFINITION = {"spec": {"versions": [{"schema": {"openAPIV3Schema": {}}}, {"schema": {"openAPIV3Schema": SCHEMA}}]}}


@pytest.mark.parametrize(
    ("data", "field", "message", "way"),
    [
        (SERVICE, "metadata.labels", 'Invalid value: "not a label": a valid label must be …', ("metadata", "labels", "note")),
        (SERVICE, "metadata.labels", 'Invalid value: "app": a valid key must be …', ("metadata", "labels", "app")),
        (SERVICE, "spec.ports", 'duplicate entries for key [port=80,protocol="TCP"]', ("spec", "ports", 2)),
        (SERVICE, "spec.ports", 'element 1: associative list with keys has an element that omits all key fields ["port"]', ("spec", "ports", 1)),
        (SERVICE, "spec", "Invalid value: …", ("spec",)),
        (
            DEFINITION,
            "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule",
            "Invalid value: …: compilation failed",
            ("spec", "versions", 1, "schema", "openAPIV3Schema", "properties", "spec", "x-kubernetes-validations", 0, "rule"),
        ),
    ],
)
def test_the_key_or_the_item_that_is_meant_is_found(data: Any, field: str, message: str, way: Route) -> None:
    assert narrowed(Cause(field, "/" + field.replace(".", "/"), "Invalid", message), data) == way
