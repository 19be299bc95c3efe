"""What Copier does again for each file, done once: thousands of files take seconds instead of half a minute.

Nothing that it writes depends on it. Most of it reaches for Copier's own parts: a version that has them no more is only slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copier import Phase, run_copy
from jinja2 import Environment

from gitops_generate.errors import Refused
from gitops_generate.git import git

Method = Callable[..., Any]


@contextmanager
def once() -> Iterator[None]:
    """While it lasts, Copier is spared what comes to the same each time."""
    inner = import_module(run_copy.__module__)
    worker = getattr(inner, "Worker", None)
    with ExitStack() as patches:
        patches.enter_context(patch.object(Environment, "compile", _compiled(Environment.compile)))
        for owner, name, spare in (
            (inner, "is_git_available", cache),
            (worker, "_answers_to_remember", _while_rendering),
            (worker, "answers_relpath", _path_while_rendering),
            (worker, "_sync_git_index_executable_bit", _where_git_needs_it),
        ):
            if hasattr(owner, name):
                patches.enter_context(patch.object(owner, name, spare(getattr(owner, name))))
        yield


def _compiled(compile_template: Method) -> Method:
    """Jinja would compile the same few paths and conditions for each file."""
    known: dict[tuple[Any, ...], Any] = {}

    def compiled(environment: Environment, source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, str):
            return compile_template(environment, source, *arguments, **options)
        key = (id(environment), source, arguments, tuple(sorted(options.items())))
        if key not in known:
            known[key] = compile_template(environment, source, *arguments, **options)
        else:
            environment.preprocess(source)  # Copier's yield tag forgets here what it yielded last
        return known[key]

    return compiled


def _while_rendering(ask: Method) -> Method:
    """Answers are complete then. Each worker is kept with its answer, so that no other one gets its place in memory."""
    known: dict[int, tuple[Any, Any]] = {}

    def asked(worker: Any) -> Any:
        if Phase.current() is not Phase.RENDER:
            return ask(worker)
        if id(worker) not in known:
            known[id(worker)] = worker, ask(worker)
        return known[id(worker)][1]

    return asked


def _path_while_rendering(asked: property) -> property:
    if asked.fget is None:
        return asked
    known = _while_rendering(asked.fget)

    def path(worker: Any) -> Any:
        worker.jinja_env.preprocess("")  # as when the path is rendered again: Copier's yield tag forgets here what it yielded last
        return known(worker)

    return property(path)


def _where_git_needs_it(synchronize: Method) -> Method:
    """Git is told of executable files where it does not look at the disk for them: one question a folder says whether that is so."""

    @cache
    def blind(folder: Path) -> bool:
        try:
            return git(folder, "config", "--type=bool", "--get", "core.fileMode").strip() == b"false"
        except Refused:
            return False

    def synchronized(worker: Any, *arguments: Any) -> None:
        if blind(Path(worker.subproject.local_abspath)):
            synchronize(worker, *arguments)

    return synchronized
