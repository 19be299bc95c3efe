"""Takes what only a person can know, and makes what waited for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets.catalogue import Secret
from gitops_generate.secrets.make import Done, complete, finish
from gitops_generate.secrets.recipes import Ref
from gitops_generate.secrets.rotate import change
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.workspace import Workspace, opened

LARGEST = 1 << 20
"""Bytes: a Secret holds no more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value to ask for. `where`: where a person gets it, if the catalogue says so."""

    key: str
    where: str


Ask = Callable[[Sequence[Wanted]], Mapping[str, str]]
"""Asks a person, or reads a pipe: a value for each key."""


def give(root: Path, keys_dir: Path | None, environment: str, target: str, ask: Ask, *, dry_run: bool = False) -> Done:
    """Set `secret` (all keys that a person gives) or `secret/key` to what `ask` answers. Raises Refused and WrongAnswer."""
    name, _, key = target.partition("/")
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        workspace.platform.choose([environment])
        secret = workspace.catalogue.find(name)
        if secret not in workspace.catalogue.of(environment):
            raise Refused(f"{name} is not for {environment}: the catalogue restricts it to {', '.join(secret.environments)}")
        wanted = _wanted(workspace, workspace.shelf(environment), secret, key)
        values = {Ref(name, key): checked(key, value) for key, value in ask(wanted).items()}
        workspace.need_cluster_key(environment)
        _put(workspace, environment, secret, values, done)
        finish(workspace, done, dry_run=dry_run)
    return done


def _wanted(workspace: Workspace, shelf: Shelf, secret: Secret, key: str) -> list[Wanted]:
    given = [name for name, made in secret.recipes.items() if made.kind == "given"]
    if not key and not given:
        raise WrongAnswer(
            f"nothing of {secret.name} is given by a person; name the key that you want to set, such as {secret.name}/{next(iter(secret.recipes))}"
        )
    for name in [key] if key else given:
        _settable(workspace, Ref(secret.name, name))
    lacking = [name for name in given if Ref(secret.name, name) not in shelf.present]
    if key and set(lacking) - {key} and not shelf.sealed(secret):
        raise WrongAnswer(
            f"{secret.name} needs {' and '.join(lacking)} at once: `gitops-generate secrets set {secret.name}` asks for each, or takes them from stdin as a JSON object"
        )
    return [Wanted(name, workspace.platform.told(shelf.environment, secret.recipes[name].where)) for name in ([key] if key else given)]


def _settable(workspace: Workspace, ref: Ref) -> None:
    recipes = workspace.catalogue.secrets[ref.secret].recipes
    if ref.key not in recipes:
        raise WrongAnswer(f"{ref.secret} has no key {ref.key}; it has {', '.join(recipes)}")
    made = recipes[ref.key]
    if made.kind == "derived" and not made.settable:
        raise WrongAnswer(f"{ref} follows from {', '.join(str(other) for other in made.inputs) or 'a template'}: set that")
    if made.kind == "fixed":
        raise WrongAnswer(f"{ref} is fixed in the catalogue, for all environments")


def checked(key: str, value: str) -> str:
    """A value that a Secret can hold. Raises WrongAnswer."""
    if not value:
        raise WrongAnswer(f"{key} must not be empty")
    if len(value.encode("utf-8", "surrogatepass")) > LARGEST:
        raise WrongAnswer(f"{key} is larger than a megabyte, which is all that a Secret can hold")
    return value


def _put(workspace: Workspace, environment: str, secret: Secret, values: Mapping[Ref, str], done: Done) -> None:
    shelf = workspace.shelf(environment)
    if shelf.sealed(secret):
        changed = {ref: value for ref, value in values.items() if ref not in shelf.present or shelf.value(ref) != value}
        if changed:
            change(workspace, shelf, changed, ())
    else:
        complete(workspace, environment, done, values, only=_followers(workspace, secret.name))


def _followers(workspace: Workspace, name: str) -> set[str]:
    """The secret and those that follow from it, whose turn may have come."""
    names = {name}
    for ref in workspace.catalogue.order:
        if any(other.secret in names for other in workspace.catalogue.recipe(ref).inputs):
            names.add(ref.secret)
    return names
