"""The catalogue of components, as Python needs it: what can be chosen, what needs what, where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gitops_generate.source import CHECKOUT

Entry = Mapping[str, Any]


@cache
def entries() -> dict[str, Entry]:
    """Every component's entry by its name, sorted."""
    packaged = Path(__file__).parent / "catalogue"
    folder = packaged if packaged.is_dir() else CHECKOUT / "catalogue"
    found: dict[str, Entry] = {}
    for file in sorted(folder.glob("*.yaml")):
        found.update(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    return found


def choices() -> list[str]:
    """The components that the question `components` offers."""
    return [name for name, entry in entries().items() if entry["choice"] == "components"]


def selected(answers: Mapping[str, Any]) -> set[str]:
    """What the answers come to: the chosen components, and all that these need. Answers that Copier would refuse select nothing."""
    known, roles = entries(), _roles(answers)
    waiting = [*answers.get("components", ()), *roles.values(), *(name for name, entry in known.items() if entry["choice"] == "always")]
    if answers.get("sso") == "oidc":
        waiting += [known[gateway]["signin"] for gateway in roles.values() if "signin" in known.get(gateway, {})]
    chosen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in chosen:
            chosen.add(name)
            waiting.extend(roles.get(need, need) for need in known[name].get("needs", ()))
    return chosen


def _roles(answers: Mapping[str, Any]) -> dict[str, str]:
    """Which component plays each role that has a question of its own, such as gateway or block-storage."""
    questions = {entry["choice"] for entry in entries().values()} - {"always", "components", "needed"}
    return {role: str(answers.get(role.replace("-", "_"))) for role in questions}
