"""Which secrets there have to be: secret-catalogue.yaml of a generated repository, which `gitops-generate secrets` reads too.

An entry that cannot be understood is passed over here: what is wrong with the catalogue is what the rule secret-catalogue says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At

CATALOGUE = "secret-catalogue.yaml"
MANY, LONGEST = 2000, 500
"""Entries that are looked at, and characters that are told of where a person gets values."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_OTHER = re.compile(r"\{([a-z0-9-]+)/")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}")


class Wanted(Struct, frozen=True):
    """One secret of the catalogue. `given` says where a person gets values from, "" if none is needed; `environments` is empty for all of them.

    `follows` names the secrets whose values it has, or makes something of.
    """

    name: str
    namespace: str
    component: str
    stage: str
    keys: tuple[str, ...]
    given: str
    environments: tuple[str, ...]
    follows: frozenset[str]
    at: At

    def is_for(self, environment: str) -> bool:
        """Whether that environment has to have it."""
        return not self.environments or environment in self.environments

    def path(self, environment: str) -> str:
        """The file that an environment has it in."""
        return f"platform/{self.component}/{self.stage}/overlays/{environment}/secrets/{self.name}.sops.yaml"


def wanted(repo: Repo) -> Iterator[Wanted]:
    """The secrets that the catalogue of a checkout names; none if it has no catalogue."""
    file = repo.files.get(CATALOGUE)
    for manifest in file.manifests[:1] if file else ():
        match manifest.data:
            case {"secrets": list(entries)}:
                for index, entry in enumerate(entries[:MANY]):
                    if isinstance(entry, dict) and _is_understood(entry):
                        yield _wanted(manifest, index, entry)


def _wanted(manifest: Manifest, index: int, entry: Mapping[str, Any]) -> Wanted:
    keys = entry.get("keys")
    ways = {key: how for key, how in keys.items() if _KEY.fullmatch(key)} if isinstance(keys, dict) else {}
    given = [how["given"] for how in ways.values() if isinstance(how, dict) and isinstance(how.get("given"), str)]
    return Wanted(
        name=entry["name"],
        namespace=entry["namespace"],
        component=entry["component"],
        stage=entry["stage"],
        keys=tuple(ways),
        given=_short("; ".join(dict.fromkeys(given))),
        environments=tuple(entry.get("environments") or ()),
        follows=frozenset(name for how in ways.values() if isinstance(how, dict) for name in _followed(how)),
        at=manifest.at("secrets", index, "name", value=True),
    )


def _followed(how: Mapping[str, Any]) -> list[str]:
    derived = how.get("derive")
    return [*_OTHER.findall(derived if isinstance(derived, str) else ""), str(how.get("copy") or "").partition("/")[0]]


def _is_understood(entry: Mapping[str, Any]) -> bool:
    """Whether its names are labels: they become parts of a path."""
    labels = [entry.get(field) for field in ("name", "namespace", "component", "stage")]
    return all(isinstance(value, str) and _LABEL.fullmatch(value) for value in labels) and isinstance(entry.get("environments"), list | None)


def _short(text: str) -> str:
    """On one line, cut where nobody would read on."""
    line = " ".join(text[: LONGEST + 1].split())
    return f"{line[:LONGEST]}…" if len(text) > LONGEST else line
