"""Make the bundle of custom kinds in gitops_schemas/crds from pinned Go modules.

    python schemas/make.py

The modules come through the Go module proxy, with the Go that builds the engine; their checksums are those that Go's checksum database vouches
for, and are written down in crds/modules.json, the licences in crds/NOTICE.md. What validation does not need (descriptions, examples, conversion, versions that are not
served) is left out. Two runs give the same bytes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent.parent / "distribution"))

from golang import command

BUNDLE = Path(__file__).parent / "gitops_schemas" / "crds"
PERMISSIVE = ("Apache License", "MIT License", "Permission is hereby granted, free of charge")
DROPPED = ("description", "title")
"""Keys of a schema that hold texts for people."""

NOTICE = """# Definitions of custom kinds

These files are reduced copies of the CustomResourceDefinitions that the following products publish, each under its own licence. Descriptions,
versions that are not served and what validation does not need were taken out by `schemas/make.py`; `modules.json` holds the checksums of the modules
that they came from.

| product | version | module | licence |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Product:
    """One product: its module, and the folder of definitions in it."""

    name: str
    module: str
    version: str
    folder: str


PRODUCTS = (
    Product("Flux source-controller", "github.com/fluxcd/source-controller", "v1.9.5", "config/crd/bases"),
    Product("Flux kustomize-controller", "github.com/fluxcd/kustomize-controller", "v1.9.5", "config/crd/bases"),
    Product("Flux helm-controller", "github.com/fluxcd/helm-controller", "v1.6.4", "config/crd/bases"),
    Product("Flux notification-controller", "github.com/fluxcd/notification-controller", "v1.9.3", "config/crd/bases"),
    Product("Flux image-reflector-controller", "github.com/fluxcd/image-reflector-controller", "v1.2.4", "config/crd/bases"),
    Product("Flux image-automation-controller", "github.com/fluxcd/image-automation-controller", "v1.2.4", "config/crd/bases"),
    Product("Flux source-watcher", "github.com/fluxcd/source-watcher/v2", "v2.2.2", "config/crd/bases"),
    Product("Argo CD", "github.com/argoproj/argo-cd/v3", "v3.6.1", "manifests/crds"),
    Product("Gateway API", "sigs.k8s.io/gateway-api", "v1.7.0", "config/crd/standard"),
    Product("cert-manager", "github.com/cert-manager/cert-manager", "v1.21.2", "deploy/crds"),
    Product("prometheus-operator", "github.com/prometheus-operator/prometheus-operator", "v0.93.1", "example/prometheus-operator-crd"),
    Product("external-secrets", "github.com/external-secrets/external-secrets", "v1.3.2", "config/crds/bases"),
    Product("CloudNativePG", "github.com/cloudnative-pg/cloudnative-pg", "v1.30.1", "config/crd/bases"),
    Product("spark-operator", "github.com/kubeflow/spark-operator/v2", "v2.5.2", "config/crd/bases"),
    Product("Kyverno", "github.com/kyverno/kyverno", "v1.19.1", "config/crds"),
    Product("MetalLB", "go.universe.tf/metallb", "v0.16.1", "config/crd/bases"),
)


def main() -> None:
    """Write the bundle anew, whole or not at all."""
    with TemporaryDirectory(dir=BUNDLE.parent, prefix=".crds-") as name:
        new = Path(name) / "crds"
        new.mkdir()
        modules: list[dict[str, str]] = []
        index: dict[str, Any] = {}
        for product in PRODUCTS:
            print(f"{product.name} {product.version}", file=sys.stderr)
            module = download(product)
            modules.append(
                {
                    "product": product.name,
                    "module": product.module,
                    "version": product.version,
                    "sum": module["Sum"],
                    "licence": licence(Path(module["Dir"])),
                }
            )
            index |= write(new, product, Path(module["Dir"]) / product.folder)
        dump(new / "modules.json", modules)
        (new / "NOTICE.md").write_text(notice(modules))
        dump(new / "index.json", index)
        shutil.rmtree(BUNDLE, ignore_errors=True)
        new.rename(BUNDLE)
    print(f"{len(index)} kinds in {BUNDLE}", file=sys.stderr)


def download(product: Product) -> dict[str, Any]:
    """Where a module lies, and its checksum. Ends with one sentence if it is out of reach."""
    line, environment = command("mod", "download", "-json", f"{product.module}@{product.version}")
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment | {"GOFLAGS": "-mod=mod"}, cwd="/")
    said: dict[str, Any] = json.loads(done.stdout or "{}")
    if done.returncode or "Error" in said:
        sys.exit(f"{product.module}@{product.version} cannot be had: {said.get('Error') or done.stderr.strip()}")
    return said


def licence(folder: Path) -> str:
    """The first line of a module's licence; ends if it is not a permissive one."""
    text = next((file.read_text(errors="replace") for file in sorted(folder.glob("LICEN[SC]E*")) if file.is_file()), "")
    if not any(words in text for words in PERMISSIVE):
        sys.exit(f"{folder} has no licence under which its definitions can be passed on")
    return "Apache-2.0" if "Apache License" in text else "MIT"


def notice(modules: list[dict[str, str]]) -> str:
    """Whose definitions these are, for a reader."""
    rows = [f"| {module['product']} | {module['version']} | `{module['module']}` | {module['licence']} |\n" for module in modules]
    return NOTICE + "".join(rows)


def write(bundle: Path, product: Product, folder: Path) -> dict[str, Any]:
    """Write the definitions of one product, a file each, and return what the index says of them."""
    written = {}
    for crd in definitions(folder):
        group, kind = crd["spec"]["group"], crd["spec"]["names"]["kind"]
        path = f"{group}/{kind.lower()}.json"
        (bundle / group).mkdir(exist_ok=True)
        dump(bundle / path, crd)
        versions = [version["name"] for version in crd["spec"]["versions"]]
        written[f"{group}/{kind}"] = {
            "product": product.name,
            "version": product.version,
            "scope": crd["spec"]["scope"],
            "versions": versions,
            "file": path,
        }
    return written


def definitions(folder: Path) -> Iterator[dict[str, Any]]:
    """Every definition in a folder and those below, reduced to what validation needs."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)  # a plain `=` is a text
    for file in sorted(folder.rglob("*.yaml")):
        for document in yaml.load_all(file.read_text()):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                yield reduced(document)


def reduced(crd: dict[str, Any]) -> dict[str, Any]:
    """A definition without what validation does not need."""
    spec = crd["spec"]
    keep = ("name", "served", "storage", "schema", "subresources", "deprecated", "deprecationWarning", "selectableFields")
    versions = [{field: version[field] for field in keep if field in version} for version in spec["versions"] if version["served"]]
    for version in versions:
        version["schema"] = {"openAPIV3Schema": stripped(version["schema"]["openAPIV3Schema"])}
    return {
        "apiVersion": crd["apiVersion"],
        "kind": crd["kind"],
        "metadata": {"name": crd["metadata"]["name"]},
        "spec": {"group": spec["group"], "names": spec["names"], "scope": spec["scope"], "versions": versions},
    }


def stripped(schema: Any) -> Any:
    """A schema without texts for people. The names of properties are left alone, whatever they are."""
    if isinstance(schema, list):
        return [stripped(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: stripped(below) for name, below in value.items()}
        if key == "properties" and isinstance(value, dict)
        else value
        if key in ("default", "enum")
        else stripped(value)
        for key, value in schema.items()
        if key not in DROPPED or not isinstance(value, str)
    }


def dump(path: Path, value: Any) -> None:
    """Write JSON that is the same for the same value."""
    path.write_text(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
