"""Secrets that an environment has to have and has not yet: what secret-catalogue.yaml names and nothing renders.

The catalogue is a generated repository's (`gitops-generate secrets` reads it too); here only what says which secrets there have to be is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_validate.inputs import PRODUCERS
from gitops_validate.model.finding import Pending
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import Rendered

CATALOGUE = "secret-catalogue.yaml"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Missing:
    """A secret that is not there, with where the catalogue names it."""

    pending: Pending
    at: At


def pending(repo: Repo, rendered: Sequence[Rendered]) -> tuple[Pending, ...]:
    """What each environment still lacks."""
    return tuple(sorted(each.pending for one in rendered for each in missing(repo, one)))


def missing(repo: Repo, rendered: Rendered) -> Iterator[Missing]:
    """What one environment still lacks. Entries that are not as the catalogue's format has them are passed over."""
    there = {(item.ref.namespace, item.ref.name) for item in rendered.objects if item.ref.kind == "Secret" or item.ref.kind in PRODUCERS}
    environment = rendered.environment.name
    for manifest, index, entry in _entries(repo):
        identity = (entry["namespace"], entry["name"])
        if environment in (entry.get("environments") or [environment]) and identity not in there:
            path = f"platform/{entry['component']}/{entry['stage']}/overlays/{environment}/secrets/{entry['name']}.sops.yaml"
            yield Missing(Pending("/".join(identity), environment, path, _reason(entry)), manifest.at("secrets", index, "name", value=True))


def _entries(repo: Repo) -> Iterator[tuple[Manifest, int, dict[str, Any]]]:
    file = repo.files.get(CATALOGUE)
    for manifest in file.manifests[:1] if file else ():
        match manifest.data:
            case {"secrets": list(entries)}:
                for index, entry in enumerate(entries):
                    if isinstance(entry, dict) and all(_is_label(entry.get(field)) for field in ("name", "namespace", "component", "stage")):
                        yield manifest, index, entry


def _is_label(value: object) -> bool:
    """Names become parts of a path: nothing else than a label may."""
    return isinstance(value, str) and _LABEL.fullmatch(value) is not None


def _reason(entry: dict[str, Any]) -> str:
    keys = entry.get("keys")
    given = [str(how["given"]) for how in (keys.values() if isinstance(keys, dict) else ()) if isinstance(how, dict) and "given" in how]
    return f"from {given[0]}" if given else "`gitops-generate secrets` makes it"
