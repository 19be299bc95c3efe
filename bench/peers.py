"""The programs that others use for the same work, run as programs, where the user installed them.

`go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0`
`go install github.com/home-operations/flate/cmd/flate@v0.6.5`
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "distribution"))

import golang

Schema = dict[str, Any]


def find(name: str) -> Path | None:
    """A peer on PATH, or where `go install` puts it."""
    line, environment = golang.command("env", "GOPATH")
    gopath = subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), f"{gopath}/bin"]))
    return Path(found) if found else None


def kubeconform_schemas(folder: Path) -> str:
    """Write the JSON Schemas that kubeconform would download, from the OpenAPI document of the Kubernetes we link; its -schema-location."""
    location = f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    if folder.is_dir():
        return location
    line, environment = golang.command("list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes")
    module = subprocess.run(line, env=environment, cwd=golang.ENGINE, capture_output=True, text=True, check=True).stdout.strip()
    definitions = json.loads(Path(module, "api/openapi-spec/swagger.json").read_bytes())["definitions"]
    folder.mkdir(parents=True)
    for name, definition in definitions.items():
        for served in definition.get("x-kubernetes-group-version-kind", []):
            group = served["group"].split(".")[0]
            parts = [served["kind"], *([group] if group else []), served["version"]]
            (folder / ("-".join(parts).lower() + ".json")).write_text(json.dumps(standalone(name, definitions)))
    return location


def standalone(name: str, definitions: dict[str, Schema]) -> Schema:
    """One kind's schema with all that it refers to, strict."""
    needed, waiting = dict[str, Schema](), [name]
    while waiting:
        current = waiting.pop()
        if current not in needed:
            text = json.dumps(strict(definitions[current]))
            needed[current] = json.loads(text)
            waiting += [part.split('"')[0] for part in text.split('"#/definitions/')[1:]]
    return {"$ref": f"#/definitions/{name}", "definitions": needed}


def strict(schema: Schema) -> Schema:
    """An OpenAPI definition as JSON Schema that refuses unknown fields, as kubeconform's -strict variants do."""
    if schema.get("format") == "int-or-string":
        return {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    result: Schema = {key: schema[key] for key in ("$ref", "required", "enum") if key in schema}
    if "type" in schema:
        result["type"] = [schema["type"], "null"] if schema["type"] != "object" else "object"
    if "properties" in schema:
        result["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        result["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = strict(schema["additionalProperties"])
    if "items" in schema:
        result["items"] = strict(schema["items"])
    return result
