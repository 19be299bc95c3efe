"""Components come and go: the choice is one answer, and what needs what stands in the catalogue."""

from __future__ import annotations

from pathlib import Path

from gitops_generate import catalogue, change
from gitops_generate.errors import WrongAnswer


def add(repository: Path, name: str) -> None:
    """Choose one more component; what it needs comes with it. Raises Refused and WrongAnswer."""
    chosen = change.current(repository)["components"]
    _is_no_answer(name)
    if name not in catalogue.choices():
        raise WrongAnswer(f"there is no component {name} to add; there are {', '.join(catalogue.choices())}")
    if name in chosen:
        raise WrongAnswer(f"{name} is among the components already")
    change.to(repository, {"components": [*chosen, name]})


def remove(repository: Path, name: str) -> None:
    """Choose one component less; it goes with its secrets, unless another one needs it. Raises Refused and WrongAnswer."""
    answered = change.current(repository)
    _is_no_answer(name)
    if name not in answered["components"]:
        raise WrongAnswer(f"{name} is not among the chosen components, which are {', '.join(answered['components']) or 'none'}")
    rest = {**answered, "components": [other for other in answered["components"] if other != name]}
    users = [other for other in rest["components"] if name in catalogue.selected({**rest, "components": [other]})]
    if users:
        raise WrongAnswer(f"{' and '.join(users)} cannot do without {name}: remove {'that' if len(users) == 1 else 'these'} first")
    change.to(repository, {"components": rest["components"]})


def _is_no_answer(name: str) -> None:
    """Raises WrongAnswer for a component that comes with the answer to a question of its own."""
    role = catalogue.entries().get(name, {}).get("choice", "components")
    if role not in ("components", "always", "needed"):
        question = role.replace("-", "_")
        raise WrongAnswer(f"{name} is an answer to the question {question}: `gitops-generate change answer {question}=…` takes another one")
