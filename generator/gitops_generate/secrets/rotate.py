"""New values for what is generated; whatever follows from them follows, and the pods that read them restart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets.catalogue import BY_NAME, Secret
from gitops_generate.secrets.make import Done, finish
from gitops_generate.secrets.recipes import Ref
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.values import settle
from gitops_generate.secrets.workspace import Workspace, opened


def rotate(root: Path, keys_dir: Path | None, environments: Sequence[str], name: str = "", *, data_key: bool = False, dry_run: bool = False) -> Done:
    """Make the generated values of a secret anew; without a name, of all but those that are rotated by theirs. Raises Refused and WrongAnswer.

    What a person set stays.

    data_key: encrypt the same values with a new data key, and nothing else.
    """
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        for environment in workspace.platform.choose(environments):
            chosen = _chosen(workspace, environment, name)
            shelf = workspace.shelf(environment)
            if data_key:
                _new_data_keys(workspace, shelf, chosen if name else None)
            else:
                _new_values(workspace, shelf, chosen if name else _unasked(chosen, environment, done), name)
        finish(workspace, done, dry_run=dry_run)
    return done


def _chosen(workspace: Workspace, environment: str, name: str) -> list[Secret]:
    if not name:
        return workspace.catalogue.of(environment)
    secret = workspace.catalogue.find(name)
    if secret not in workspace.catalogue.of(environment):
        raise Refused(f"{name} is not for {environment}: the catalogue restricts it to {', '.join(secret.environments)}")
    return [secret]


def _unasked(secrets: Collection[Secret], environment: str, done: Done) -> list[Secret]:
    """Those that may be rotated though nobody named them; says which are not."""
    named = [secret.name for secret in secrets if secret.rotate == BY_NAME]
    if named:
        each = ", ".join(f"`gitops-generate secrets rotate {name} --env {environment}`" for name in named)
        done.advice.append(f"left alone, because others have to know before it changes: {', '.join(named)}; by name it is rotated: {each}")
    return [secret for secret in secrets if secret.rotate != BY_NAME]


def _new_values(workspace: Workspace, shelf: Shelf, chosen: Collection[Secret], name: str) -> None:
    refs = {ref for secret in chosen for ref in secret.refs() if ref in shelf.present}
    remake = {ref for ref in refs - shelf.kept if workspace.catalogue.recipe(ref).kind == "generated"}
    if name and not refs:
        raise Refused(f"{name} is not there yet in {shelf.environment}: run `gitops-generate secrets` first")
    if name and not remake:
        raise Refused(
            f"all of {name} comes from a person: `gitops-generate secrets set {name} --env {shelf.environment}` takes it; without its file, it is made anew"
        )
    change(workspace, shelf, {}, remake)


def change(workspace: Workspace, shelf: Shelf, fresh: dict[Ref, str], remake: Collection[Ref]) -> None:
    """Put changed values of existing files into the batch, with what follows from them, and restart the pods that read them. Raises Refused."""
    catalogue = workspace.catalogue
    shelf.open(touched(workspace, shelf, {*fresh, *remake}))
    changed = settle(catalogue, fresh, remake, shelf.present - shelf.kept, shelf.value)
    given = [ref for ref in fresh if catalogue.recipe(ref).kind != "given"]
    names = shelf.seal(changed, workspace.audience(shelf.environment), workspace.batch, given=given)
    restarts = dict.fromkeys(workload for name in names for workload in catalogue.secrets[name].restarts)
    shelf.list_secrets(workspace.batch, restarts, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def touched(workspace: Workspace, shelf: Shelf, changed: Collection[Ref]) -> set[str]:
    """The secrets whose files are read or written when these values change: theirs, those that follow, and what those follow from."""
    following = set(changed)
    for ref in workspace.catalogue.order:
        if ref in shelf.present and any(other in following for other in workspace.catalogue.recipe(ref).inputs):
            following.add(ref)
    inputs = {other.secret for ref in following for other in workspace.catalogue.recipe(ref).inputs}
    return {ref.secret for ref in following} | inputs


def _new_data_keys(workspace: Workspace, shelf: Shelf, chosen: Sequence[Secret] | None) -> None:
    files = list(shelf.files.values()) if chosen is None else [file for secret in chosen if (file := shelf.sealed(secret))]
    if chosen and not files:
        raise Refused(f"{chosen[0].name} is not there yet in {shelf.environment}: run `gitops-generate secrets` first")
    shelf.rotate(files, workspace.audience(shelf.environment), workspace.batch)
