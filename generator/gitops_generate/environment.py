"""Environments come, change and go: the list of them is one answer, and some files know only their names."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gitops_generate import change
from gitops_generate.errors import WrongAnswer
from gitops_generate.secrets import rules

Environment = Mapping[str, Any]

SIZES = ("small", "standard", "ha")


def add(repository: Path, name: str, like: str, details: Mapping[str, Any]) -> None:
    """Add an environment at the end of the promotion order, with the size, Kubernetes and versions of another one, except for what is given."""
    answered = change.current(repository)
    environments = list(answered["environments"])
    if name in _names(environments):
        raise WrongAnswer(f"there is an environment {name} already; `gitops-generate change environment {name}` changes it")
    model = _named(environments, like)
    new = {**model, "name": name, "domain": f"{name}.{answered['domain']}", "live": False, **details}
    if answered.get("load_balancer") == "metallb" and "addresses" not in details:
        raise WrongAnswer(f"which addresses may MetalLB announce in {name}? Say --addresses, such as 10.0.0.80-10.0.0.99")
    change.to(repository, {"environments": [*environments, new]})
    for version in sorted(repository.glob(f"platform/*/*/overlays/{like}/version.yaml")):
        shutil.copyfile(version, version.parent.parent / name / version.name)


def alter(repository: Path, name: str, details: Mapping[str, Any]) -> None:
    """Give an environment another domain, size, Kubernetes or range of addresses, or say that it is live. Raises Refused and WrongAnswer."""
    environments = list(change.current(repository)["environments"])
    old = _named(environments, name)
    new = {**old, **details}
    if old.get("live") and new.get("live") and _smaller(old, new):
        raise WrongAnswer(
            f"{name} is live and {old['size']}, and volumes do not shrink: say less in the custom/values.yaml of what shall be smaller, or --not-live too"
        )
    change.to(repository, {"environments": [new if other is old else other for other in environments]})


def remove(repository: Path, name: str) -> None:
    """Take an environment away, with its secrets and what people wrote for it."""
    environments = list(change.current(repository)["environments"])
    _named(environments, name)
    if len(environments) == 1:
        raise WrongAnswer(f"{name} is the only environment: a platform has at least one")
    change.to(repository, {"environments": [other for other in environments if other["name"] != name]})
    for folder in [repository / "clusters" / name, *repository.glob(f"*/*/*/overlays/{name}"), *repository.glob(f"*/*/overlays/{name}")]:
        shutil.rmtree(folder, ignore_errors=True)
    rules.forget(repository, name)


def _smaller(old: Environment, new: Environment) -> bool:
    sizes = [SIZES.index(each["size"]) for each in (old, new) if each["size"] in SIZES]
    return len(sizes) == 2 and sizes[1] < sizes[0]


def _names(environments: Sequence[Environment]) -> list[str]:
    return [str(environment["name"]) for environment in environments]


def _named(environments: Sequence[Environment], name: str) -> Environment:
    for environment in environments:
        if environment["name"] == name:
            return environment
    raise WrongAnswer(f"there is no environment {name}; there are {', '.join(_names(environments))}")
