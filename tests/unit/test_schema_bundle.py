"""The bundle of custom kinds: what the script that makes it leaves out, and that the files agree with each other."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCHEMAS = Path(__file__).parents[2] / "schemas"
BUNDLE = SCHEMAS / "gitops_schemas" / "crds"
LISTS = {"index.json", "modules.json"}


@pytest.fixture(scope="module")
def make() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("make_bundle", SCHEMAS / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    sys.modules["make_bundle"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path
    del sys.modules["make_bundle"]


def read(name: str) -> Any:
    return json.loads((BUNDLE / name).read_text())


def test_texts_for_people_are_left_out_and_fields_of_that_name_are_not(make: ModuleType) -> None:
    schema = {
        "description": "text",
        "properties": {
            "description": {"type": "string", "description": "text"},
            "title": {"enum": ["description"], "default": {"title": "kept", "description": "kept"}},
        },
        "x-kubernetes-validations": [{"rule": "true", "message": "kept"}],
    }
    assert make.stripped(schema) == {
        "properties": {
            "description": {"type": "string"},
            "title": {"enum": ["description"], "default": {"title": "kept", "description": "kept"}},
        },
        "x-kubernetes-validations": [{"rule": "true", "message": "kept"}],
    }


def test_versions_that_are_not_served_are_left_out(make: ModuleType) -> None:
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [
        {"name": "v1", "served": True, "storage": True, "schema": schema, "additionalPrinterColumns": []},
        {"name": "v1beta1", "served": False, "storage": False, "schema": schema},
    ]
    names = {"kind": "Thing", "plural": "things"}
    spec = {"group": "example.org", "names": names, "scope": "Cluster", "conversion": {"strategy": "None"}, "versions": versions}
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a", "labels": {}}, "spec": spec}
    reduced = make.reduced(crd)
    assert reduced["metadata"] == {"name": "a"}
    assert reduced["spec"] == {
        "group": "example.org",
        "names": names,
        "scope": "Cluster",
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }


@pytest.mark.parametrize(("text", "named"), [("Apache License\nVersion 2.0", "Apache-2.0"), ("MIT License", "MIT")])
def test_permissive_licences_are_named(make: ModuleType, tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "LICENSE").write_text(text)
    assert make.licence(tmp_path) == named


@pytest.mark.parametrize("text", ["GNU AFFERO GENERAL PUBLIC LICENSE", "Elastic License 2.0", None])
def test_other_licences_stop_it(make: ModuleType, tmp_path: Path, text: str | None) -> None:
    if text:
        (tmp_path / "LICENSE").write_text(text)
    with pytest.raises(SystemExit, match="no licence under which"):
        make.licence(tmp_path)


def test_index_and_files_agree() -> None:
    files = {str(path.relative_to(BUNDLE)) for path in BUNDLE.rglob("*.json")} - LISTS
    assert {entry["file"] for entry in read("index.json").values()} == files
    for kind, entry in read("index.json").items():
        spec = read(entry["file"])["spec"]
        assert kind == f"{spec['group']}/{spec['names']['kind']}"
        assert entry["file"] == f"{spec['group']}/{spec['names']['kind'].lower()}.json"
        assert entry["versions"] == [version["name"] for version in spec["versions"] if version["served"]] != []


def test_index_modules_and_notice_name_the_pinned_products(make: ModuleType) -> None:
    pinned = {(product.name, product.version) for product in make.PRODUCTS}
    modules = read("modules.json")
    assert {(module["product"], module["version"]) for module in modules} == pinned
    assert {(entry["product"], entry["version"]) for entry in read("index.json").values()} == pinned
    assert (BUNDLE / "NOTICE.md").read_text() == make.notice(modules)
    assert all(module["sum"].startswith("h1:") and module["licence"] in {"Apache-2.0", "MIT"} for module in modules)


def test_nothing_of_other_licences_is_bundled() -> None:
    groups = {kind.partition("/")[0] for kind in read("index.json")}
    assert not [group for group in groups if "controlplane" in group or group.endswith("k8s.elastic.co")]


@pytest.mark.network
@pytest.mark.slow
def test_making_it_again_leaves_no_difference() -> None:
    subprocess.run([sys.executable, str(SCHEMAS / "make.py")], check=True)
    changed = subprocess.run(["git", "status", "--porcelain", str(BUNDLE)], check=True, capture_output=True, text=True, cwd=SCHEMAS)
    assert changed.stdout == ""
