"""Who can read an environment: people come and go, and what somebody saw has to change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import public_keys
from gitops_generate.secrets.audience import Recipient
from gitops_generate.secrets.catalogue import Secret
from gitops_generate.secrets.make import Done, finish
from gitops_generate.secrets.newcomer import Newcomer, admitted
from gitops_generate.secrets.readers import CLUSTER, Reader
from gitops_generate.secrets.sealing import Sealed
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.workspace import Workspace, opened


@dataclass(frozen=True, slots=True)
class Listed:
    """The readers of an environment."""

    environment: str
    readers: tuple[Reader, ...]


def listed(root: Path, environments: Sequence[str]) -> list[Listed]:
    """Who can read environments, by `.sops.yaml`. Raises Refused and WrongAnswer."""
    with opened(root, None, writes=False) as workspace:
        return [Listed(name, tuple(workspace.rules.readers(name))) for name in workspace.platform.choose(environments)]


def add(root: Path, keys_dir: Path | None, environments: Sequence[str], newcomer: Newcomer, *, cluster: bool = False, dry_run: bool = False) -> Done:
    """Let one more read. The data keys stay, for this takes nothing from anybody. Raises Refused and WrongAnswer."""
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        recipient, name = admitted(workspace, newcomer)
        anew = bool(workspace.batch.paths)  # a later copy of a public key, which may have other subkeys
        for environment in workspace.platform.choose(environments):
            workspace.need_cluster_key(environment)
            if recipient not in workspace.rules.recipients(environment):
                workspace.set_rules(workspace.rules.add(environment, recipient, CLUSTER if cluster else name))
            _share(workspace, environment, anew=anew)
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
            seen = [file for file in shelf.files.values() if gone in file.recipients]
            _share(workspace, environment)
            done.advice += _seen(workspace, shelf, seen)
        for path in public_keys.unused(workspace.root, workspace.rules.text):
            workspace.batch.drop(path)
        finish(workspace, done, dry_run=dry_run)
    return done


def _share(workspace: Workspace, environment: str, *, anew: bool = False) -> None:
    """Encrypt the data keys to those whom the rules name; new data keys where somebody is no longer among them. `anew`: also where nobody is new."""
    shelf, wanted = workspace.shelf(environment), set(workspace.rules.recipients(environment))
    before = {file.path: set(file.recipients) for file in shelf.files.values()}
    rotated = [file for file in shelf.files.values() if before[file.path] - wanted]
    shared = [file for file in shelf.files.values() if file not in rotated and (anew or before[file.path] != wanted)]
    if rotated or shared:
        audience = workspace.audience(environment)
        shelf.rotate(rotated, audience, workspace.batch)
        shelf.share(shared, audience, workspace.batch)


def _leaving(workspace: Workspace, environment: str, who: str) -> Recipient:
    readers = workspace.rules.readers(environment)
    ids = {who, who.rstrip("/"), public_keys.normal(who)}
    found = {reader.recipient: reader for reader in readers if reader.recipient in ids or who == reader.name}
    if len(found) != 1:
        names = ", ".join(reader.name or reader.recipient for reader in readers) or "nobody"
        raise WrongAnswer(f"{who} names {len(found) or 'nobody'} of those who can read {environment}, which are {names}")
    gone = next(iter(found.values()))
    if gone.cluster and sum(reader.cluster for reader in readers) == 1:
        raise Refused(
            f"{who} is the key of {environment}'s only cluster, which could read nothing without it: add the next one with --cluster before"
        )
    return gone.key


def _seen(workspace: Workspace, shelf: Shelf, files: Iterable[Sealed]) -> list[str]:
    """What whoever left may have written down, and how to change it."""
    advice: list[str] = []
    known = {secret.path(shelf.environment): secret for secret in workspace.catalogue.of(shelf.environment)}
    for file in files:
        secret = known.get(file.path)
        if secret is None:
            advice.append(f"{file.path} was read by them: change {', '.join(sorted(file.keys))}")
            continue
        kept = {ref.key for ref in shelf.kept if ref.secret == secret.name}
        advice += [f"{secret.name} was read by them: {words}" for words in _ways(secret, file.keys, kept, shelf.environment)]
    return advice


def _ways(secret: Secret, keys: Collection[str], kept: Collection[str], environment: str) -> Iterator[str]:
    """The commands that change the values of a secret; what follows from them follows."""
    kinds = {key: made.kind for key, made in secret.recipes.items() if key in keys and key not in kept}
    for kind, command in (("generated", "rotate"), ("given", "set")):
        if chosen := [key for key, found in kinds.items() if found == kind]:
            yield f"change {', '.join(chosen)} with `gitops-generate secrets {command} {secret.name} --env {environment}`"
    for key in sorted(kept):
        yield f"change {key} with `gitops-generate secrets set {secret.name}/{key} --env {environment}`"
