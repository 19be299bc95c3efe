"""Other answers to the same template: what every change of a repository comes to, and which answers stay as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from gitops_generate import answers, catalogue, conflicts, copying, restating
from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import outgoing

LASTING = {
    "platform": "the private keys are kept under it, and clusters, clients of the identity provider and people know it; generate another platform beside this one",
    "engine": "it holds all that it has applied; generate a platform with the other one beside this, and move over",
    "environments": "each has commands of its own: `gitops-generate change environment`, `add environment`, `remove environment`",
    "components": "they come and go one by one: `gitops-generate add component`, `remove component`",
}
"""Questions whose answers do not change afterwards, and why."""

STORAGE = {"block_storage": "volumes", "existing_storage_class": "volumes", "object_storage": "objects"}
"""Questions whose answers say where data lies: another answer takes it away, or leaves it behind."""


REGISTRIES = {"chart_registry", "image_registry"}
"""Questions whose answers stand where versions stand, too."""


def current(repository: Path) -> dict[str, Any]:
    """A repository's answers, Copier's own keys included. Raises Refused and WrongAnswer."""
    file = repository / answers.FILE
    if not file.is_file():
        raise Refused(f"{repository.name} has no {answers.FILE}: name the root of a generated repository with --repo, or run this there")
    return answers.read(file)


def answer(repository: Path, given: Mapping[str, Any]) -> None:
    """Answer questions of the platform anew. Raises Refused and WrongAnswer, also for an answer that the others make pointless."""
    answered = current(repository)
    answers.check(given)
    different = {key: value for key, value in given.items() if answered.get(key) != value}
    for key in different:
        if key in LASTING:
            raise WrongAnswer(f"{key} stays {answered[key]!s}: {LASTING[key]}" if isinstance(answered[key], str) else f"{key}: {LASTING[key]}")
    _refuse_to_strand(answered, different)
    to(repository, different)
    answers.refuse_pointless(different, current(repository))


def to(repository: Path, different: Mapping[str, Any]) -> None:
    """Bring a committed repository to some other answers; components that nothing needs any more go, with all their files. Raises Refused and WrongAnswer."""
    answered = current(repository)
    before, wanted = answers.own(answered), {**answers.own(answered), **different}
    answers.check(wanted)
    conflicts.refuse(wanted)
    if wanted == before:
        return
    form = restating.restated if REGISTRIES & set(different) else nullcontext
    with outgoing.swept(repository), form(repository):
        copying.update(repository, different, address=str(answered.get("_src_path", "")))
        for gone in catalogue.selected(before) - catalogue.selected(wanted):
            shutil.rmtree(repository / "platform" / gone, ignore_errors=True)


def _refuse_to_strand(answered: Mapping[str, Any], different: Mapping[str, Any]) -> None:
    live = [str(environment["name"]) for environment in answered["environments"] if environment.get("live")]
    for key in different:
        if live and key in STORAGE:
            raise WrongAnswer(
                f"{key} stays {answered.get(key)}: {live[0]} is live, and its {STORAGE[key]} would not move along; "
                f"bring them to safety first, then say `gitops-generate change environment {live[0]} --not-live`"
            )
