"""A new MAC for files of which a person edited what stands in plain text: SOPS' MAC covers that, too.

The MAC is what keeps a label or a namespace from being changed behind everybody's back. So a new one is only for what a person has seen: every
difference to the last committed version whose MAC fits, be it older than HEAD. The encrypted values have to be that version's, to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import rewrapping
from gitops_generate.secrets.make import Done, finish
from gitops_generate.secrets.sealing import Sealed, opening_fault
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.versions import earlier
from gitops_generate.secrets.workspace import Workspace, opened
from gitops_validate.model.place import route
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import dotted

ENDING = ".sops.yaml"


@dataclass(frozen=True, slots=True)
class Edit:
    """A field in plain text that was changed, added or removed; the values are JSON, "" for none. `line`: 0 for one that is gone."""

    field: str
    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A file that gets a new MAC, and what is new in it since which commit."""

    path: str
    since: str
    edits: tuple[Edit, ...]


Agree = Callable[[Sequence[Edited]], bool]
"""Shows a person what was edited, and asks whether it was meant."""


def seal(root: Path, keys_dir: Path | None, environments: Sequence[str], names: Sequence[str], agree: Agree, *, dry_run: bool = False) -> Done:
    """Give files, all without names, whose fields in plain text were edited a new MAC, if a person agrees. Raises Refused and WrongAnswer."""
    done = Done()
    with opened(root, keys_dir, writes=not dry_run) as workspace:
        shelves = [workspace.shelf(environment) for environment in workspace.platform.choose(environments)]
        _known(names, [file for shelf in shelves for file in shelf.files.values()])
        found = [edited for shelf in shelves for edited in _sealed(workspace, shelf, names)]
        if found and not agree(found):
            raise Refused("nothing was changed")
        finish(workspace, done, dry_run=dry_run)
    return done


def _named(file: Sealed) -> tuple[str, str]:
    """What a file may be called: its path, and the name of its secret."""
    return file.path, PurePosixPath(file.path).name.removesuffix(ENDING)


def _known(names: Sequence[str], files: Sequence[Sealed]) -> None:
    known = {called for file in files for called in _named(file)}
    for name in names:
        if name not in known:
            raise WrongAnswer(f"there is no encrypted file {name} in these environments; {did_you_mean(name, known) or 'say its path or its name'}")


def _sealed(workspace: Workspace, shelf: Shelf, names: Sequence[str]) -> Iterator[Edited]:
    """Put the files of an environment that need a new MAC into the batch, with one."""
    files = [file for file in shelf.files.values() if not names or set(names) & set(_named(file))]
    for file, said in rewrapping.verdicts(workspace.engine, files, shelf.identities):
        others = [problem for problem in said["problems"] if problem["reason"] != "mac-mismatch"]
        if others:
            raise Refused(opening_fault(file.path, others[0], shelf.source))
        if said["mac"] != "valid":
            yield _resealed(workspace, shelf, file)


def _resealed(workspace: Workspace, shelf: Shelf, file: Sealed) -> Edited:
    for since, body in earlier(workspace.root, file.path):
        answer = rewrapping.resealed(workspace.engine, file, body, shelf.identities)
        failure = answer.result["failure"]
        if not failure:
            workspace.batch.put(file.path, answer.blobs[0])
            return Edited(file.path, since, tuple(_edit(change) for change in answer.result["changes"]))
        if failure["reason"] != "earlier-version":
            raise Refused(
                f"{file.path}:{failure.get('line') or 1}: {failure['message']}, compared with {since};"
                " restore the file from git, and edit only what is in plain text"
            )
    raise Refused(
        f"{file.path}: git has no version of it whose MAC fits, so that nobody can tell what was edited:"
        " remove it and have the secret made anew, or undo the edit, commit the file, and edit it then"
    )


def _edit(change: Mapping[str, Any]) -> Edit:
    document = f"document {change['document'] + 1}, " if change["document"] else ""
    return Edit(document + dotted(route(change["pointer"])), change["line"], change["before"], change["after"])
