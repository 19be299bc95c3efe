"""Every service of the catalogue: encrypted, behind the sign-in, watched, closed to its neighbours, and with a word on its backup.

What its pods ask for, how they are spread and what they may do, the rules of `profile: strict` judge with the real charts (test_charts).
"""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitops_generate.catalogue import entries
from gitops_validate.check import Options, check
from gitops_validate.report.json import as_values

READER = YAML(typ="safe", pure=True)
GATEWAYS = ("envoy-gateway", "traefik")
OWN_MONITORS = {"kube-prometheus-stack": "its chart brings them", "barman-cloud": "it has no metrics; the databases tell what it did for them"}


def objects(made: Path, pattern: str) -> list[dict[str, Any]]:
    return [one for file in sorted(made.glob(pattern)) for one in READER.load_all(file.read_text())]


@pytest.mark.parametrize("name", [name for name, entry in entries().items() if "chart" in entry])
def test_what_runs_is_scraped_alerts_and_has_a_dashboard(name: str) -> None:
    entry = entries()[name]
    assert bool(entry.get("monitors")) != (name in OWN_MONITORS)
    assert entry["alerts"] and entry["dashboard"]["panels"]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_each_route_is_encrypted_and_asks_who_it_is(gateway: str, generate: Any) -> None:
    made = generate(gateway=gateway, sso="oidc")
    base = objects(made, "platform/*/config/base/routes.yaml")
    routes = {one["metadata"]["name"]: one for one in base if one["kind"] == "HTTPRoute"}
    listeners = {
        each["name"]: each
        for one in objects(made, "platform/*/config/base/gateway.yaml")
        if one["kind"] == "Gateway"
        for each in one["spec"]["listeners"]
    }
    for route in routes.values():
        for parent in route["spec"]["parentRefs"]:
            assert listeners[parent["sectionName"]]["protocol"] == "HTTPS"
    asked = {one["spec"]["targetRefs"][0]["name"] for one in base if one["kind"] == "SecurityPolicy"}
    asked |= {name for name, one in routes.items() if "extensionRef" in str(one["spec"]["rules"][0].get("filters"))}
    own = {route["name"] for entry in entries().values() for route in entry.get("routes", ()) if route["signin"] == "own"}
    assert set(routes) - own == asked and {"mlflow", "prometheus", "alertmanager", "longhorn"} <= asked


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_without_single_sign_on_no_console_is_open(gateway: str, generate: Any) -> None:
    made = generate(gateway=gateway)
    required = {route["name"] for entry in entries().values() for route in entry.get("routes", ()) if route["signin"] == "required"}
    assert required and not required & {one["metadata"]["name"] for one in objects(made, "platform/*/config/base/routes.yaml")}


def test_each_namespace_is_closed_and_held_to_a_level(platform: Path) -> None:
    found = objects(platform, "platform/namespaces/base/*.yaml")
    namespaces = {one["metadata"]["name"]: one["metadata"]["labels"] for one in found if one["kind"] == "Namespace"}
    closed = {one["metadata"]["namespace"] for one in found if one["kind"] == "NetworkPolicy" and one["spec"]["podSelector"] == {}}
    details = {name: its for entry in entries().values() for name, its in entry["namespaces"].items()}
    assert namespaces and set(namespaces) - closed == {name for name in namespaces if details[name].get("isolated")}
    for name, labels in namespaces.items():
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted" or details[name]["why"]


def test_what_holds_data_says_what_is_copied(platform: Path) -> None:
    page = (platform / "docs/backups.md").read_text()
    namespaces = [one for one in objects(platform, "platform/namespaces/base/*.yaml") if one["kind"] == "Namespace"]
    kept = {one["metadata"]["name"] for one in namespaces if "annotations" in one["metadata"]}
    assert kept - {"flux-system"} == set(re.findall(r"(?m)^\| `([a-z-]+)` \|", page))


@pytest.mark.slow
def test_a_database_comes_back_as_the_page_says(generate: Any) -> None:
    made = generate()
    page = (made / "docs/backups.md").read_text()
    example = textwrap.dedent(page[page.index("       apiVersion: kustomize") : page.index("   Without `recoveryTarget`")])
    (made / "platform/mlflow/data/overlays/dev/custom/kustomization.yaml").write_text(example)
    config = made / ".gitops-validate.yaml"
    fields = re.findall(r"`(spec\.[A-Za-z]+)`", page)
    assert fields == ["spec.bootstrap", "spec.externalClusters", "spec.plugins"]
    declared = (
        f"  - object: Cluster/mlflow/mlflow-db\n    fields: [{', '.join(fields)}]\n    environments: [dev]\n    reason: it is being brought back\n"
    )
    config.write_text(config.read_text() + declared)
    report = as_values(check(Options(made, offline=True)))
    assert report["findings"] == []
    assert {gap["what"] for gap in report["incomplete"]} <= {"chart", "no-schema"}
