"""The catalogue is what its schema says, and names nothing that is not there."""

from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from ruamel.yaml import YAML

from gitops_generate.catalogue import entries

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "catalogue").glob("*.yaml"))
SCHEMA = orjson.loads((ROOT / "schemas/gitops_schemas/catalogue.schema.json").read_bytes())
ROLES = {"gateway", "load-balancer", "block-storage", "object-storage"}


def load(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(file.read_text())
    return data


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_entry_is_as_the_schema_says_and_named_after_its_file(file: Path) -> None:
    jsonschema.validate(load(file), SCHEMA, jsonschema.Draft202012Validator)
    assert list(load(file)) == [file.stem]


def test_the_template_knows_all_entries_and_no_others() -> None:
    questions = load(ROOT / "copier.yml")
    assert sorted(questions["known"]["default"]) == [file.stem for file in FILES]


@pytest.mark.parametrize("name", entries())
def test_what_it_needs_and_comes_after_is_there(name: str) -> None:
    entry = entries()[name]
    assert set(entry.get("needs", ())) <= ROLES | set(entries())
    for stage in entry["stages"].values():
        for other, its_stage in (after.split("/") for after in stage.get("after", ())):
            providers = [one for one, details in entries().items() if one == other or details["choice"] == other]
            assert providers and all(its_stage in entries()[provider]["stages"] for provider in providers), (other, its_stage)


@pytest.mark.parametrize("name", entries())
def test_its_files_are_there(name: str) -> None:
    for stage, details in entries()[name]["stages"].items():
        folder = ROOT / "template/platform" / name / stage
        for file in (*details.get("resources", ()), *details.get("patches", ())):
            assert list(folder.rglob(f"{file}*")), (stage, file)


def test_namespaces_and_routes_are_unique() -> None:
    namespaces = [namespace for entry in entries().values() for namespace in entry["namespaces"]]
    routes = [route["name"] for entry in entries().values() for route in entry.get("routes", ())]
    assert len(namespaces) == len(set(namespaces)) and len(routes) == len(set(routes))
