"""The secret catalogue of a repository: which secrets there have to be, checked before anything is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets.documents import Document, content, parse
from gitops_generate.secrets.recipes import Recipe, Ref, Wrong, recipe
from gitops_validate.config import Engine
from gitops_validate.placing.near import did_you_mean

FILE = "secret-catalogue.yaml"
BY_NAME = "by-name"
"""`rotate` of a secret that nothing but its name rotates: others trust it, and have to learn the new value first."""
SECRET_NAME = re.compile(r"passw(or)?d|passphrase|secret|token|private", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods that read a secret when they start, and the overlay that holds them or the release that makes them."""

    kind: str
    name: str
    release: str
    component: str
    stage: str


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of the catalogue."""

    name: str
    namespace: str
    component: str
    stage: str
    purpose: str
    type: str = "Opaque"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    environments: tuple[str, ...] = ()
    """Empty means all."""
    restarts: tuple[Workload, ...] = ()
    rotate: str = ""
    recipes: Mapping[str, Recipe] = field(default_factory=dict)

    def path(self, environment: str) -> str:
        """Where its file stands in a repository."""
        return f"{folder(self.component, self.stage, environment)}/{self.name}.sops.yaml"

    def refs(self) -> list[Ref]:
        """Its keys, in their order."""
        return [Ref(self.name, key) for key in self.recipes]


def folder(component: str, stage: str, environment: str) -> str:
    """The folder of an overlay's secrets."""
    return f"platform/{component}/{stage}/overlays/{environment}/secrets"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All secrets by name. `order` has every key behind those that it follows from."""

    secrets: Mapping[str, Secret]
    order: tuple[Ref, ...]

    def recipe(self, ref: Ref) -> Recipe:
        """How that value is made."""
        return self.secrets[ref.secret].recipes[ref.key]

    def of(self, environment: str) -> list[Secret]:
        """The secrets that an environment needs."""
        return [secret for secret in self.secrets.values() if not secret.environments or environment in secret.environments]

    def find(self, name: str) -> Secret:
        """A secret by its name. Raises WrongAnswer."""
        if name not in self.secrets:
            hint = did_you_mean(name, self.secrets) or f"there are {', '.join(self.secrets) or 'none'}"
            raise WrongAnswer(f"there is no secret {name} in {FILE}; {hint}")
        return self.secrets[name]


def load(root: Path, engine: Engine) -> Catalogue:
    """Read and check the catalogue. Raises Refused with file and line."""
    text = content(root, FILE)
    if text is None:
        raise Refused(f"there is no {FILE} in {root}: it comes with the template, so restore it from git")
    document = parse(FILE, text, engine)
    from gitops_generate.secrets.faults import first_fault  # noqa: PLC0415 - jsonschema takes 0.1 s to import

    if fault := first_fault(document.data):
        route, sentence = fault
        raise document.refuse(sentence, *route)
    listed: Sequence[Mapping[str, Any]] = document.data["secrets"]
    secrets: dict[str, Secret] = {}
    for index, entry in enumerate(listed):
        if entry["name"] in secrets:
            raise document.refuse(f"there are two secrets {entry['name']}: give one another name", "secrets", index, "name")
        secrets[entry["name"]] = _secret(document, index, entry)
    _check_references(document, listed, secrets)
    return Catalogue(secrets, _order(document, secrets))


def _secret(document: Document, index: int, entry: Mapping[str, Any]) -> Secret:
    plain = {name: value for name, value in entry.items() if name not in ("keys", "restarts", "environments")}
    home = {"component": entry["component"], "stage": entry["stage"], "release": ""}
    return Secret(
        **plain,
        environments=tuple(entry.get("environments", ())),
        restarts=tuple(Workload(**{**home, **workload}) for workload in entry.get("restarts", ())),
        recipes={key: _recipe(document, ("secrets", index, "keys", key), entry) for key in entry["keys"]},
    )


def _recipe(document: Document, route: tuple[str | int, ...], entry: Mapping[str, Any]) -> Recipe:
    key = str(route[-1])
    try:
        made = recipe(entry["name"], entry["keys"][key], entry["keys"])
    except Wrong as fault:
        raise document.refuse(f"{entry['name']}/{key} {fault}", *route) from None
    if made.kind == "fixed" and SECRET_NAME.search(key):
        raise document.refuse(f"{entry['name']}/{key} is fixed, so everybody could read it: let it be generated or given", *route)
    return made


def _check_references(document: Document, listed: Sequence[Mapping[str, Any]], secrets: Mapping[str, Secret]) -> None:
    for index, entry in enumerate(listed):
        secret = secrets[entry["name"]]
        for key, made in secret.recipes.items():
            for ref in made.inputs:
                if problem := _reference_fault(secret, ref, secrets):
                    raise document.refuse(f"{secret.name}/{key} {problem}", "secrets", index, "keys", key)


def _reference_fault(secret: Secret, ref: Ref, secrets: Mapping[str, Secret]) -> str:
    other = secrets.get(ref.secret)
    if other is None:
        return f"reads the secret {ref.secret}, which the catalogue does not have; {did_you_mean(ref.secret, secrets)}".rstrip("; ")
    if ref.key not in other.recipes:
        return f"reads {ref}, but {ref.secret} has no key {ref.key}; it has {', '.join(other.recipes)}"
    if other.environments and not (secret.environments and set(secret.environments) <= set(other.environments)):
        return f"reads {ref}, which is there in {', '.join(other.environments)} only: restrict {secret.name} to the same environments"
    return ""


def _order(document: Document, secrets: Mapping[str, Secret]) -> tuple[Ref, ...]:
    graph = {ref: secret.recipes[ref.key].inputs for secret in secrets.values() for ref in secret.refs()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as fault:
        circle: list[Ref] = fault.args[1]
        index = list(secrets).index(circle[0].secret)
        words = " ← ".join(str(ref) for ref in circle)
        raise document.refuse(f"these values follow from each other: {words}", "secrets", index, "keys", circle[0].key) from None
