"""The gateways: each has its definitions, and lets in only those who signed in."""

from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML

CRDS = Path(__file__).parents[2] / "schemas/gitops_schemas/crds"
READER = YAML(typ="safe", pure=True)


def documents(file: Path) -> list[dict[str, Any]]:
    return list(READER.load_all(file.read_text()))


def test_the_definitions_are_those_of_the_bundle(generate: Any) -> None:
    written = documents(generate(gateway="traefik") / "platform/gateway-api/definitions/base/definitions.yaml")
    index = orjson.loads((CRDS / "index.json").read_bytes())
    known = [orjson.loads((CRDS / kind["file"]).read_bytes()) for kind in index.values() if kind["product"] == "Gateway API"]
    by_name = {one["metadata"]["name"]: one["spec"] for one in known}
    assert {one["metadata"]["name"]: one["spec"] for one in written} == by_name
    versions = {kind["version"] for kind in index.values() if kind["product"] == "Gateway API"}
    assert {one["metadata"]["annotations"]["gateway.networking.k8s.io/bundle-version"] for one in written} == versions


def test_a_gateway_whose_chart_has_the_definitions_gets_no_others(generate: Any) -> None:
    assert not (generate() / "platform/gateway-api").exists()


def test_behind_traefik_another_signs_people_in(generate: Any) -> None:
    made = generate(gateway="traefik", sso="oidc")
    routes = [one for file in made.glob("platform/*/config/base/routes.yaml") for one in documents(file)]
    guards = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in routes if one["kind"] == "Middleware"}
    asked = {
        (one["metadata"]["namespace"], step["extensionRef"]["name"]): one["metadata"]["name"]
        for one in routes
        if one["kind"] == "HTTPRoute"
        for step in one["spec"]["rules"][0].get("filters", ())
    }
    assert guards == set(asked)
    assert {one["metadata"]["name"] for one in routes if one["kind"] == "HTTPRoute"} - set(asked.values()) == {"grafana", "auth"}
    secrets = {one["name"] for one in READER.load(made / "secret-catalogue.yaml")["secrets"]}
    assert "oauth2-proxy" in secrets and {name for name in secrets if name.endswith("-oidc")} == {"grafana-oidc"}
    assert not [file for file in made.rglob("*.yaml") if "SecurityPolicy" in file.read_text()]


def test_without_single_sign_on_nothing_asks_for_one(generate: Any) -> None:
    made = generate(gateway="traefik")
    assert not (made / "platform/oauth2-proxy").exists()
    assert not [file for file in made.rglob("routes.yaml") if "Middleware" in file.read_text()]
