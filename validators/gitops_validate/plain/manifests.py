"""Plain manifests, as kubeconform is used: no reconciler, no environment, every object judged as it stands.

What makes a report of the answers (report.py, and with it all rules) is imported while the engine is at work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from gitops_validate.engine import Engine, Question
from gitops_validate.engine.pool import SERVER
from gitops_validate.errors import UsageError
from gitops_validate.model.manifest import SUFFIXES
from gitops_validate.model.server import ApiServer
from gitops_validate.schemas import folders

if TYPE_CHECKING:
    from gitops_validate.model.report import Report

STDIN = "-"
BATCH = 500
"""Files that one request examines."""
WORKERS = 1
"""Processes that examine them unless more are asked for: one spreads a request over all cores, and another would have to start as well."""


class Options(Struct, frozen=True):
    """What is asked for: files, folders and `-`; `apply` is "create" or "server-side"; `server` is who judges."""

    inputs: Sequence[str]
    apply: str = "create"
    server: ApiServer = SERVER
    namespace: str = "default"
    workers: int = 0
    locations: tuple[str, ...] = ()
    """Folders of JSON Schemas for custom kinds that nothing defines, as kubeconform's templates of a path."""
    stdin: Callable[[], bytes] = lambda: b""
    policies: bool = False
    """Whether the admission policies that are bound among the objects are asked about the others, as if they were in the cluster already."""

    @property
    def how(self) -> Mapping[str, str]:
        """What objects are judged by, as arguments of a request."""
        return {"apply": self.apply, "namespace": self.namespace}


def check(options: Options) -> Report:
    """What the API server would say of each object. Raises UsageError when there is nothing to read."""
    root, paths, body = _inputs(options)
    questions = list(_questions(options, root, paths, body))
    with Engine([root, *folders_of(options.locations)], schemas=folders(), workers=options.workers or WORKERS, server=options.server) as engine:
        _check_server(options.server, engine)
        answers = engine.asking(questions)
        from gitops_validate.plain.report import report  # noqa: PLC0415 - the workers start meanwhile

        return report(engine, options, root, body, questions, answers)


def _check_server(server: ApiServer, engine: Engine) -> None:
    """Raises UsageError for a flag that Kubernetes' own code does not start with."""
    if server.changed:
        from gitops_validate.starting import refusal  # noqa: PLC0415 - few need it

        if refused := refusal(server, engine):
            raise UsageError(f"--{' '.join(filter(None, [refused.flag, refused.key]))}: {refused.message}")


def folders_of(templates: Sequence[str]) -> list[Path]:
    """The folders that templates of paths begin with. Raises UsageError for one that is not there."""
    found = [Path(folder_of(template) or ".").resolve() for template in templates]
    for template, folder in zip(templates, found, strict=True):
        if not folder.is_dir():
            raise UsageError(f"{template} begins with no folder that is there: JSON Schemas are read from folders, and nothing is fetched")
    return found


def folder_of(template: str) -> str:
    """The folder that a template begins with: all of it up to the first part that depends on the kind; a whole folder is one, too."""
    steady = template.partition("{{")[0]
    return steady.rpartition("/")[0] if "{{" in template or template.endswith(".json") else steady.rstrip("/")


def _questions(options: Options, root: Path, paths: Sequence[str], body: bytes | None) -> Iterator[Question]:
    """Requests to examine files of the root, and what stands on standard input if that is not None."""
    for start in range(0, len(paths), BATCH):
        yield Question("manifests", {**options.how, "root": str(root), "files": paths[start : start + BATCH]}, server=options.server)
    if body is not None:
        yield Question("manifests", {**options.how, "root": "", "names": [STDIN]}, [body], options.server)


def _inputs(options: Options) -> tuple[Path, list[str], bytes | None]:
    """The folder that holds all inputs, the files relative to it, and what stands on stdin if that is one of them."""
    body = options.stdin() if STDIN in options.inputs else None
    named = [Path(name) for name in options.inputs if name != STDIN]
    for path in named:
        if not path.exists():
            raise UsageError(f"{path} is not there: name a file, a folder, or - for standard input")
    files = sorted({file for path in named for file in _files(os.path.abspath(path))})
    if not files and body is None:
        raise UsageError("no YAML or JSON file found: nothing was checked")
    here = os.getcwd()
    root = here if all(file.startswith(here + os.sep) for file in files) else os.path.commonpath([os.path.dirname(file) for file in files])
    inside = os.path.join(root, "")
    return Path(os.path.realpath(root)), [file.removeprefix(inside) for file in files], body


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if name != ".git")
        yield from (os.path.join(folder, name) for name in names if name.endswith(SUFFIXES))
