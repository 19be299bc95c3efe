"""Where definitions of custom kinds lie: the user's own first, then the bundle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson

import gitops_schemas
from gitops_validate.errors import UsageError
from gitops_validate.keeping.cache import digest

CONTROLLERS = ("source.toolkit.fluxcd.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/")
"""What the kinds begin with of the controllers without which Flux renders no release."""


def user_folder() -> Path | None:
    """Where `schemas add` keeps definitions, or None without a home. Not the cache: what a person added is not computed again."""
    base = os.environ.get("XDG_DATA_HOME") or (f"{os.environ['HOME']}/.local/share" if os.environ.get("HOME") else "")
    return Path(base) / "gitops-validate" / "schemas" if base else None


def bundle() -> Path:
    """The definitions that come with the distribution."""
    return Path(gitops_schemas.__file__).parent / "crds"


def identity() -> str:
    """What changes whenever a definition at hand does: part of the key of every verdict."""
    return digest(*(stamp for folder in folders() for stamp in sorted(_stamps(folder))))


def _stamps(folder: Path) -> Iterator[str]:
    """Name, size and time of each definition in a folder."""
    for group in (entry.path for entry in os.scandir(folder) if entry.is_dir()):
        for entry in os.scandir(group):
            if entry.name.endswith(".json"):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"


def listed() -> list[dict[str, Any]]:
    """Every definition at hand, as kind, served versions, product and its version; what the user added hides the bundle's of the same kind."""
    found = {kind: {"kind": kind, **_of_bundle(entry)} for kind, entry in _index().items()}
    folder = user_folder()
    for path in sorted(folder.glob("*/*.json")) if folder else ():
        kind, served = _added(path)
        found[kind] = {"kind": kind, "versions": served, "product": "added by you", "version": ""}
    return [found[kind] for kind in sorted(found)]


def _added(path: Path) -> tuple[str, list[str]]:
    """The kind that a user's file defines, and its served versions. Raises UsageError for a file that no longer is a definition."""
    try:
        spec = orjson.loads(path.read_bytes())["spec"]
        return f"{spec['group']}/{spec['names']['kind']}", [version["name"] for version in spec["versions"] if version["served"]]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path} is no definition: remove it, or add it again with `gitops-validate schemas add`") from fault


def _index() -> dict[str, dict[str, Any]]:
    """What the bundle holds: "group/Kind" → its scope, versions and product."""
    index = bundle() / "index.json"
    found: dict[str, dict[str, Any]] = orjson.loads(index.read_bytes()) if index.is_file() else {}
    return found


def _of_bundle(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("versions", "product", "version")}


def scopes() -> dict[str, str]:
    """Whether objects of the bundled kinds live in a namespace: "group/Kind" → "Namespaced" or "Cluster"."""
    return {kind: entry["scope"] for kind, entry in _index().items()}


@cache
def controllers() -> tuple[str, ...]:
    """The API versions, without and with kind, that every cluster has in which Flux renders a release."""
    named = ((*name.split("/"), entry["versions"]) for name, entry in _index().items() if name.startswith(CONTROLLERS))
    served = [(group, version, kind) for group, kind, versions in named for version in versions]
    return tuple(sorted({"/".join(each[:2]) for each in served} | {"/".join(each) for each in served}))


def folders() -> list[Path]:
    """All of them that exist, in the order in which they are looked through."""
    return [folder for folder in (user_folder(), bundle()) if folder and folder.is_dir()]
