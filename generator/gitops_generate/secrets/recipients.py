"""Who can read an environment: people come and go, and what somebody saw has to change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import sealing
from gitops_generate.secrets.make import Done, finish
from gitops_generate.secrets.readers import Reader
from gitops_generate.secrets.sealing import Sealed
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.workspace import Workspace, opened

OTHERS = {
    r"age1.*1.*": "an age plugin's",
    r"ssh-\S+ .*": "an SSH key",
    r"(0x)?([0-9A-Fa-f]{16}|[0-9A-Fa-f]{40})": "a PGP key",
    r"https?://.*/v1/.*/keys/.*": "a key of Vault's transit engine",
    r"arn:aws.*|projects/.*|https://.*vault\.azure\.net/.*": "a cloud's key",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """The readers of an environment."""

    environment: str
    readers: tuple[Reader, ...]


def listed(root: Path, environments: Sequence[str]) -> list[Listed]:
    """Who can read environments, by `.sops.yaml`. Raises Refused and WrongAnswer."""
    with opened(root, None, writes=False) as workspace:
        return [Listed(name, tuple(workspace.rules.readers(name))) for name in workspace.platform.choose(environments)]


def add(root: Path, keys_dir: Path | None, environments: Sequence[str], recipient: str, name: str, *, dry_run: bool = False) -> Done:
    """Let one more read. The data keys stay, for this takes nothing from anybody. Raises Refused and WrongAnswer."""
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        _check(workspace, recipient)
        for environment in workspace.platform.choose(environments):
            workspace.need_cluster_key(environment)
            if recipient not in workspace.rules.recipients(environment):
                workspace.set_rules(workspace.rules.add(environment, recipient, name))
            _share(workspace, environment)
        finish(workspace, done, dry_run=dry_run)
    return done


def remove(root: Path, keys_dir: Path | None, environments: Sequence[str], who: str, *, dry_run: bool = False) -> Done:
    """Let one read no more: new data keys, and advice on what has to change because it was seen. Raises Refused and WrongAnswer."""
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        for environment in workspace.platform.choose(environments):
            gone = _leaving(workspace, environment, who)
            workspace.set_rules(workspace.rules.remove(environment, gone))
            shelf = workspace.shelf(environment)
            seen = [file for file in shelf.files.values() if ("age", gone) in file.recipients]
            _share(workspace, environment)
            done.advice += _seen(workspace, shelf, seen)
        finish(workspace, done, dry_run=dry_run)
    return done


def _share(workspace: Workspace, environment: str) -> None:
    """Encrypt the data keys to those whom the rules name; new data keys where somebody is no longer among them."""
    shelf, wanted = workspace.shelf(environment), workspace.rules.recipients(environment)
    rotated: list[Sealed] = []
    shared: list[Sealed] = []
    for file in shelf.files.values():
        before = {recipient for _, recipient in file.recipients}
        if before != set(wanted):
            (rotated if before - set(wanted) else shared).append(file)
    shelf.rewrap("rotate", rotated, wanted, workspace.batch)
    shelf.rewrap("updatekeys", shared, wanted, workspace.batch)


def _check(workspace: Workspace, recipient: str) -> None:
    """Raises WrongAnswer for what is no native age recipient. Nothing of a private key is repeated."""
    if re.search(r"AGE-SECRET-KEY-|PRIVATE KEY", recipient, re.IGNORECASE):
        raise WrongAnswer("this is a private key, and now others may have seen it: make a new one, and give its public half (age1…)")
    for pattern, what in OTHERS.items():
        if re.fullmatch(pattern, recipient) and not recipient.startswith("age1pq1"):
            raise WrongAnswer(
                f"{recipient[:80]} is {what}: only native age keys (age1…, age1pq1…) can be added, because the engine that encrypts runs no program and opens no connection"
            )
    try:
        sealing.encrypt(workspace.engine, {"probe.yaml": {"data": {"probe": "probe"}}}, [recipient])
    except Refused:
        raise WrongAnswer(f"{recipient[:80]} is no age recipient: it begins with age1 or age1pq1, and `age-keygen -y` prints it") from None


def _leaving(workspace: Workspace, environment: str, who: str) -> str:
    readers = workspace.rules.readers(environment)
    found = {reader.recipient: reader for reader in readers if who in (reader.recipient, reader.name)}
    if len(found) != 1:
        names = ", ".join(reader.name or reader.recipient for reader in readers) or "nobody"
        raise WrongAnswer(f"{who} names {len(found) or 'nobody'} of those who can read {environment}, which are {names}")
    gone = next(iter(found.values()))
    if gone.cluster and sum(reader.cluster for reader in readers) == 1:
        raise Refused(
            f"{who} is the key of {environment}'s only cluster, which could read nothing without it: add the next one with --cluster before"
        )
    return gone.recipient


def _seen(workspace: Workspace, shelf: Shelf, files: Iterable[Sealed]) -> list[str]:
    """What whoever left may have written down, and how to change it."""
    advice = []
    known = {secret.path(shelf.environment): secret for secret in workspace.catalogue.of(shelf.environment)}
    for file in files:
        secret = known.get(file.path)
        if secret is None:
            advice.append(f"{file.path} was read by them: change {', '.join(sorted(file.keys))}")
            continue
        kinds = {key: made.kind for key, made in secret.recipes.items() if key in file.keys}
        for kind, command in (("generated", "rotate"), ("given", "set")):
            if keys := [key for key, found in kinds.items() if found == kind]:
                advice.append(
                    f"{secret.name} was read by them: change {', '.join(keys)} with `gitops-generate secrets {command} {secret.name} --env {shelf.environment}`"
                )
    return advice
