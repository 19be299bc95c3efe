"""Where definitions of custom kinds lie: the user's own first, then the bundle."""

from __future__ import annotations

import os
from pathlib import Path

import orjson

import gitops_schemas


def user_folder() -> Path | None:
    """Where `schemas add` keeps definitions, or None without a home. Not the cache: what a person added is not computed again."""
    base = os.environ.get("XDG_DATA_HOME") or (f"{os.environ['HOME']}/.local/share" if os.environ.get("HOME") else "")
    return Path(base) / "gitops-validate" / "schemas" if base else None


def bundle() -> Path:
    """The definitions that come with the distribution."""
    return Path(gitops_schemas.__file__).parent / "crds"


def scopes() -> dict[str, str]:
    """Whether objects of the bundled kinds live in a namespace: "group/Kind" → "Namespaced" or "Cluster"."""
    index = bundle() / "index.json"
    return {kind: entry["scope"] for kind, entry in orjson.loads(index.read_bytes()).items()} if index.is_file() else {}


def folders() -> list[Path]:
    """All of them that exist, in the order in which they are looked through."""
    return [folder for folder in (user_folder(), bundle()) if folder and folder.is_dir()]
