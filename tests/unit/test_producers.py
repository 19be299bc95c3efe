"""Which Secrets come of an object."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.secrets.producers import secrets_of

ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")


@pytest.mark.parametrize(
    ("kind", "spec", "secrets"),
    [
        ("Secret", None, [("apps", "own")]),
        ("SealedSecret", {}, [("apps", "own")]),
        ("ExternalSecret", {"target": {"name": "db"}}, [("apps", "db")]),
        ("ExternalSecret", {"target": {}}, [("apps", "own")]),
        ("ExternalSecret", [], [("apps", "own")]),
        ("Certificate", {"secretName": "tls"}, [("apps", "tls")]),
        ("SopsSecret", {"secretTemplates": [{"name": "one"}, {"name": "two"}, "x"]}, [("apps", "one"), ("apps", "two")]),
        ("VaultStaticSecret", {"destination": {"name": "db"}}, [("apps", "db")]),
        ("InfisicalSecret", {"managedSecretReference": {"secretName": "db", "secretNamespace": "elsewhere"}}, [("elsewhere", "db")]),
        ("ConfigMap", {"secretName": "db"}, []),
    ],
)
def test_a_secret_has_the_name_that_its_producer_gives_it(kind: str, spec: Any, secrets: list[tuple[str, str]]) -> None:
    made = RenderedObject(ObjectRef("v1", kind, "apps", "own"), orjson.dumps({"spec": spec}), Origin(), ENTRY, "dev")
    assert list(secrets_of(made)) == secrets


def test_without_a_namespace_it_is_default() -> None:
    assert list(secrets_of(RenderedObject(ObjectRef("v1", "Secret", "", "own"), b"{}", Origin(), ENTRY, "dev"))) == [("default", "own")]
