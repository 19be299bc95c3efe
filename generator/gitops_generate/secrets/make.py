"""Makes what is missing, and touches nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gitops_generate.secrets.recipes import Ref
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.values import Missing, Situation, obstacles, settle
from gitops_generate.secrets.workspace import Workspace, opened


@dataclass(frozen=True, slots=True)
class Pending:
    """A secret that waits, and for what."""

    environment: str
    secret: str
    path: str
    purpose: str
    waits_for: tuple[Missing, ...]

    @property
    def own(self) -> tuple[Missing, ...]:
        """What a person gives for this secret itself, rather than for one that it follows from."""
        return tuple(missing for missing in self.waits_for if missing.cause.secret == self.secret and missing.where)


@dataclass
class Done:
    """What a command did, or would do."""

    files: list[str] = field(default_factory=list)
    keys: dict[str, Path] = field(default_factory=dict)
    """New private keys by environment."""
    pending: list[Pending] = field(default_factory=list)
    locked: list[Pending] = field(default_factory=list)
    """What only the private key stands in the way of."""
    differences: str = ""
    advice: list[str] = field(default_factory=list)


def everything(root: Path, keys_dir: Path | None = None, environments: Sequence[str] = (), *, hybrid: bool = False, dry_run: bool = False) -> Done:
    """Make the keys, rules and secrets that environments lack, all of them without `environments`. Raises Refused and WrongAnswer.

    hybrid: whether new keys are post-quantum.
    """
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        for environment in workspace.platform.choose(environments):
            workspace.need_cluster_key(environment, hybrid=hybrid)
            complete(workspace, environment, done)
        finish(workspace, done, dry_run=dry_run)
    return done


def complete(workspace: Workspace, environment: str, done: Done, given: Mapping[Ref, str] | None = None, only: Collection[str] = ()) -> None:
    """Put what an environment lacks into the batch; `given` are values from a person. `only`: these secrets, all without.

    A secret lacks labels, too, that the catalogue got since; they are under the MAC, so that its file is written again.
    """
    shelf = workspace.shelf(environment)
    chosen = {secret.name for secret in workspace.catalogue.of(environment) if not only or secret.name in only}
    given, outdated = given or {}, shelf.outdated & chosen
    blocked = missing(workspace, shelf, given)
    makeable = {ref for ref in _lacking(workspace, shelf) - set(blocked) if ref.secret in chosen}
    changed = settle(workspace.catalogue, {ref: value for ref, value in given.items() if ref in makeable}, makeable, makeable, shelf.value)
    if changed or (outdated and shelf.readable):
        set_by_hand = [ref for ref in given if ref in makeable and workspace.catalogue.recipe(ref).kind != "given"]
        shelf.seal(changed, workspace.audience(environment), workspace.batch, outdated if shelf.readable else (), set_by_hand)
    shelf.list_secrets(workspace.batch)
    locked = {} if shelf.readable else {ref: Missing(ref) for name in outdated for ref in workspace.catalogue.secrets[name].refs()[:1]}
    note(workspace, environment, {ref: cause for ref, cause in {**locked, **blocked}.items() if ref.secret in chosen}, done)


def missing(workspace: Workspace, shelf: Shelf, given: Collection[Ref] = ()) -> dict[Ref, Missing]:
    """What stands in the way of which values that an environment lacks."""
    whole = frozenset(secret.name for secret in workspace.catalogue.of(shelf.environment) if not shelf.sealed(secret))
    situation = Situation(frozenset(_lacking(workspace, shelf)), whole, frozenset(given), shelf.readable)
    return obstacles(workspace.catalogue, situation)


def _lacking(workspace: Workspace, shelf: Shelf) -> set[Ref]:
    return {ref for secret in workspace.catalogue.of(shelf.environment) for ref in secret.refs()} - shelf.present


def note(workspace: Workspace, environment: str, blocked: Mapping[Ref, Missing], done: Done) -> None:
    """List the secrets that have to wait, each once."""
    for name in sorted({ref.secret for ref in blocked}):
        secret = workspace.catalogue.secrets[name]
        causes = tuple(dict.fromkeys(cause for ref, cause in sorted(blocked.items(), key=lambda each: each[0]) if ref.secret == name))
        told = tuple(replace(cause, where=workspace.platform.told(environment, cause.where)) for cause in causes)
        entry = Pending(environment, name, secret.path(environment), secret.purpose, told)
        (done.pending if any(cause.where for cause in causes) else done.locked).append(entry)


def finish(workspace: Workspace, done: Done, *, dry_run: bool) -> None:
    """Write the batch, unless it is a dry run, and say what was in it."""
    done.files, done.keys, done.advice = workspace.batch.paths, workspace.new_keys, [*workspace.notes, *done.advice]
    done.differences = workspace.batch.differences() if dry_run else ""
    if not dry_run:
        workspace.batch.commit()
