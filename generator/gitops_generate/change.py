"""Another environment, another component: the same template with other answers, and what only this repository knows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitops_generate import answers, catalogue, conflicts, copying
from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import rules


def add_environment(repository: Path, name: str, like: str, details: Mapping[str, Any]) -> None:
    """Add an environment at the end of the promotion order, with the size, Kubernetes and versions of another one, except for what is given."""
    answered = current(repository)
    environments = list(answered["environments"])
    if name in _names(environments):
        raise WrongAnswer(f"there is an environment {name} already")
    model = _named(environments, like)
    new = {**model, "name": name, "domain": f"{name}.{answered['domain']}", "live": False, **details}
    if answered.get("load_balancer") == "metallb" and "addresses" not in details:
        raise WrongAnswer(f"which addresses may MetalLB announce in {name}? Say --addresses, such as 10.0.0.80-10.0.0.99")
    _change(repository, answered, {"environments": [*environments, new]})
    for version in sorted(repository.glob(f"platform/*/*/overlays/{like}/version.yaml")):
        shutil.copyfile(version, version.parent.parent / name / version.name)


def remove_environment(repository: Path, name: str) -> None:
    """Take an environment away, with its secrets and what people wrote for it."""
    answered = current(repository)
    environments = list(answered["environments"])
    _named(environments, name)
    if len(environments) == 1:
        raise WrongAnswer(f"{name} is the only environment: a platform has at least one")
    _change(repository, answered, {"environments": [other for other in environments if other["name"] != name]})
    for folder in [repository / "clusters" / name, *repository.glob(f"*/*/*/overlays/{name}"), *repository.glob(f"*/*/overlays/{name}")]:
        shutil.rmtree(folder, ignore_errors=True)
    rules.forget(repository, name)


def add_component(repository: Path, name: str) -> None:
    """Choose one more component; what it needs comes with it."""
    answered = current(repository)
    if name not in catalogue.choices():
        raise WrongAnswer(f"there is no component {name} to add; there are {', '.join(catalogue.choices())}")
    if name in answered["components"]:
        raise WrongAnswer(f"{name} is among the components already")
    _change(repository, answered, {"components": [*answered["components"], name]})


def remove_component(repository: Path, name: str) -> None:
    """Choose one component less; it goes with its secrets, unless another one needs it."""
    answered = current(repository)
    if name not in answered["components"]:
        raise WrongAnswer(f"{name} is not among the chosen components, which are {', '.join(answered['components']) or 'none'}")
    rest = {**answered, "components": [other for other in answered["components"] if other != name]}
    users = catalogue.needing(name, catalogue.selected(rest), rest)
    if users:
        raise WrongAnswer(f"{', '.join(users)} cannot do without {name}: remove that first")
    before = catalogue.selected(answered)
    _change(repository, answered, {"components": rest["components"]})
    for gone in before - catalogue.selected(rest):
        shutil.rmtree(repository / "platform" / gone, ignore_errors=True)


def current(repository: Path) -> dict[str, Any]:
    """A repository's answers, Copier's own keys included. Raises Refused and WrongAnswer."""
    file = repository / answers.FILE
    if not file.is_file():
        raise Refused(f"{repository.name} has no {answers.FILE}: it was not generated, or lost its answers")
    return answers.read(file)


def _change(repository: Path, answered: Mapping[str, Any], different: Mapping[str, Any]) -> None:
    wanted = {**answers.own(answered), **different}
    answers.check(wanted)
    conflicts.refuse(wanted)
    copying.update(repository, different, address=str(answered.get("_src_path", "")))


def _names(environments: list[Mapping[str, Any]]) -> list[str]:
    return [str(environment["name"]) for environment in environments]


def _named(environments: list[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    for environment in environments:
        if environment["name"] == name:
            return environment
    raise WrongAnswer(f"there is no environment {name}; there are {', '.join(_names(environments))}")
