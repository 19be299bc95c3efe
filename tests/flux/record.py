"""Record what real Flux applied to a real API server, for `test_render_is_what_flux_applies`.

    python tests/flux/record.py SERVER TOKEN COMMIT > tests/flux/applied.json

The server has synced tests/flux/repo as the GitRepository flux-system/flux-system, and its Kustomizations and HelmReleases are ready. What a
controller applied is read off metadata.managedFields: exactly the fields that it owns, and the values that they have. Secret values are left
out. COMMIT is the revision that was synced; charts that follow it carry it in their version.
"""

from __future__ import annotations

import json
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

MANAGERS = {"kustomize-controller", "helm-controller"}
SKIPPED = {"events", "controllerrevisions"}


def main(server: str, token: str, commit: str) -> None:
    """Print the objects, sorted by kind, namespace and name."""
    fetch = fetcher(server, token)
    objects = [applied for item in everything(fetch) for applied in [extract(item)] if applied]
    objects.sort(key=lambda one: (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]))
    json.dump({"commit": commit, "objects": objects}, sys.stdout, indent=1, sort_keys=True)


def fetcher(server: str, token: str) -> Any:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def fetch(path: str) -> Any:
        request = urllib.request.Request(server + path, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return json.load(answer)

    return fetch


def everything(fetch: Any) -> Iterator[dict[str, Any]]:
    """Every object of every kind that can be listed."""
    versions = [("/api/v1", "v1")]
    versions += [
        (f"/apis/{group['preferredVersion']['groupVersion']}", group["preferredVersion"]["groupVersion"]) for group in fetch("/apis")["groups"]
    ]
    for path, version in versions:
        for resource in fetch(path)["resources"]:
            if "list" in resource["verbs"] and "/" not in resource["name"] and resource["name"] not in SKIPPED:
                for item in fetch(f"{path}/{resource['name']}")["items"]:
                    yield {"apiVersion": version, "kind": resource["kind"], **item}


def extract(item: dict[str, Any]) -> dict[str, Any] | None:
    """The part of an object that a Flux controller applied, None if none did."""
    owned = [
        entry["fieldsV1"]
        for entry in item["metadata"].get("managedFields", ())
        if entry["manager"] in MANAGERS and not entry.get("subresource") and entry["operation"] == "Apply"
    ]
    if not owned:
        return None
    applied: dict[str, Any] = {}
    for fields in owned:
        applied = merge(applied, pick(item, fields))
    names = {key: item["metadata"][key] for key in ("name", "namespace") if key in item["metadata"]}
    applied = {"apiVersion": item["apiVersion"], "kind": item["kind"], **applied, "metadata": {**applied.get("metadata", {}), **names}}
    if item["kind"] == "Secret":
        applied |= {field: dict.fromkeys(applied[field], "<hidden>") for field in ("data", "stringData") if field in applied}
    return applied


def pick(value: Any, fields: dict[str, Any]) -> Any:
    """The value restricted to a set of fields, as fieldsV1 writes them: `f:` a field, `k:` an item by its keys, `v:` a value, `i:` an index."""
    if not [key for key in fields if key != "."]:
        return value
    if isinstance(value, list):
        return [pick(item, inner) if inner else item for item in value for inner in [match(item, fields)] if inner is not None]
    return {key[2:]: pick(value[key[2:]], inner) for key, inner in fields.items() if key.startswith("f:") and key[2:] in value}


def match(item: Any, fields: dict[str, Any]) -> dict[str, Any] | None:
    """What of a list's item is owned: None if nothing is."""
    for key, inner in fields.items():
        if key.startswith("k:") and isinstance(item, dict) and json.loads(key[2:]).items() <= item.items():
            return dict(inner)
        if key.startswith("v:") and json.loads(key[2:]) == item:
            return {}
    return None


def merge(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merge(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key)) for key in one | other}
    return other


if __name__ == "__main__":
    main(*sys.argv[1:4])
