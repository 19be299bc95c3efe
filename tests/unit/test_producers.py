"""Which Secrets come of an object."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.secrets.producers import keys_of, secrets_of

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


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        ({"data": [{"secretKey": "DOMAIN"}, "x"]}, {"DOMAIN"}),
        ({"data": [{"secretKey": "DOMAIN"}], "dataFrom": [{"extract": {"key": "all"}}]}, set()),
        ({"dataFrom": [{"extract": {"key": "all"}}], "target": {"template": {"data": {"DOMAIN": "{{ .domain }}"}}}}, {"DOMAIN"}),
        ({"target": {"template": {"data": {"DOMAIN": "x"}, "mergePolicy": "Merge"}}, "data": [{"secretKey": "a"}]}, set()),
        ({"target": {"template": {"data": {"DOMAIN": "x"}, "templateFrom": [{"literal": "x"}]}}}, set()),
        ([], set()),
    ],
)
def test_the_keys_of_an_external_secret_are_known_where_it_names_them_all(spec: Any, keys: set[str]) -> None:
    body = orjson.dumps({"spec": spec})
    assert keys_of(RenderedObject(ObjectRef("external-secrets.io/v1", "ExternalSecret", "apps", "own"), body, Origin(), ENTRY, "dev")) == keys
    assert not keys_of(RenderedObject(ObjectRef("v1", "Secret", "apps", "own"), body, Origin(), ENTRY, "dev"))


def test_without_a_namespace_it_is_default() -> None:
    assert list(secrets_of(RenderedObject(ObjectRef("v1", "Secret", "", "own"), b"{}", Origin(), ENTRY, "dev"))) == [("default", "own")]
