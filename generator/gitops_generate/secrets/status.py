"""What is there, what waits for a person, what nobody asks for any more, and who can read it. No key is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.secrets.make import Done, Pending, missing, note
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.workspace import Workspace, opened


@dataclass(frozen=True, slots=True)
class Exists:
    """A secret that is there. `absent`: keys of the catalogue that it lacks."""

    name: str
    path: str
    purpose: str
    absent: tuple[str, ...]
    unlisted: tuple[str, ...]
    """Recipients of the file that `.sops.yaml` does not name, and the other way round."""


@dataclass(frozen=True, slots=True)
class Readable:
    """Who can read an environment, and whether it is the cluster."""

    kind: str
    """age, pgp or hc_vault, as SOPS says."""
    recipient: str
    name: str
    cluster: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The state of one environment."""

    environment: str
    live: bool
    secrets: tuple[Exists, ...]
    absent: tuple[str, ...]
    """Secrets that can be made, and are not there yet."""
    pending: tuple[Pending, ...]
    orphans: tuple[str, ...]
    """Files that no secret of the catalogue calls for."""
    readers: tuple[Readable, ...]


def status(root: Path, environments: Sequence[str] = ()) -> list[Status]:
    """The state of environments, of all without names. Raises Refused and WrongAnswer."""
    with opened(root, None, writes=False) as workspace:
        return [_status(workspace, environment) for environment in workspace.platform.choose(environments)]


def _status(workspace: Workspace, environment: str) -> Status:
    shelf = Shelf(workspace.root, environment, workspace.catalogue, workspace.engine, b"", "")
    done = Done()
    note(workspace, environment, missing(workspace, shelf), done)
    wanted = workspace.catalogue.of(environment)
    paths = {secret.path(environment) for secret in wanted}
    waiting = {pending.secret for pending in done.pending}
    readers = workspace.rules.readers(environment)
    return Status(
        environment,
        environment in workspace.platform.live,
        tuple(_exists(workspace, shelf, environment, path) for path in shelf.files if path in paths),
        tuple(secret.name for secret in wanted if not shelf.sealed(secret) and secret.name not in waiting),
        tuple(done.pending),
        tuple(path for path in shelf.files if path not in paths),
        tuple(Readable(reader.kind, reader.recipient, reader.name, reader.cluster) for reader in readers),
    )


def _exists(workspace: Workspace, shelf: Shelf, environment: str, path: str) -> Exists:
    secret = next(secret for secret in workspace.catalogue.of(environment) if secret.path(environment) == path)
    absent = tuple(key for key in secret.recipes if key not in shelf.files[path].keys)
    unlisted = sorted(recipient for _, recipient in set(workspace.rules.recipients(environment)) ^ set(shelf.files[path].recipients))
    return Exists(secret.name, path, secret.purpose, absent, tuple(unlisted))
