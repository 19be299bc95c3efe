"""Copier, called so that its refusals are sentences."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from copier import VcsRef, run_copy, run_update
from copier.errors import CopierError
from jinja2 import TemplateError
from plumbum import ProcessExecutionError

from gitops_generate import answers
from gitops_generate.asking import alt_enter
from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.git import git
from gitops_generate.once import once
from gitops_generate.source import ADDRESS, template

CURRENT = ":current:"

_CHOICE = re.compile(r"Invalid choice for '(?P<question>\w+)': ['\"]?(?P<answer>.*?)['\"]? is not in \[(?P<offered>.*)\]")


def copy(into: Path, given: Mapping[str, Any], *, ask: bool, address: str = ADDRESS, version: str | None = None) -> None:
    """Write the repository into a folder that is not there yet; ask for what is not answered. Raises Refused and WrongAnswer."""
    with template(address) as source, once(), alt_enter(), _sentences():
        run_copy(source, into, dict(given), vcs_ref=version, defaults=not ask, quiet=True, unsafe=False)


def again(into: Path, answered: Mapping[str, Any]) -> None:
    """Write what a repository with these answers, Copier's own among them, was when the template had just written it. Raises Refused and WrongAnswer."""
    version = str(answered["_commit"]) if "_commit" in answered else None
    copy(into, answers.own(answered), ask=False, address=str(answered.get("_src_path", "")), version=version)


def update(folder: Path, given: Mapping[str, Any], *, address: str, version: str | None = CURRENT) -> None:
    """Bring a committed repository to other answers, or to another version of the template (None: the newest). Raises Refused and WrongAnswer."""
    ref: Any = VcsRef.CURRENT if version == CURRENT else version
    with template(address), once(), _sentences():
        run_update(folder, dict(given), vcs_ref=ref, defaults=True, overwrite=True, quiet=True, unsafe=False)
    _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove what Copier leaves of folders that the template gave up: what people or commands had put into them, and nothing builds any more."""
    for path in git(folder, "ls-files", "--deleted", "-z").decode(errors="surrogateescape").split("\0"):
        if Path(path).name == "kustomization.yaml":
            shutil.rmtree(folder / Path(path).parent, ignore_errors=True)


@contextmanager
def _sentences() -> Iterator[None]:
    """Copier's exceptions as ours: the words, without the traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except ProcessExecutionError as fault:
        words = [line for line in fault.stderr.splitlines() if line.startswith(("fatal:", "error:"))]
        raise Refused(f"the template could not be fetched: {words[0] if words else 'git failed'}") from None
    except ValueError as fault:
        raise WrongAnswer(_plain(str(fault))) from None
    except (CopierError, TemplateError) as fault:
        raise Refused(f"the template could not be rendered: {str(fault)[:300]}") from None


def _plain(text: str) -> str:
    """`company must be up to 60 letters` rather than `Validation error for question 'company': up to 60 letters`."""
    if choice := _CHOICE.search(text):
        offered = ", ".join(re.findall(r"'([^']*)'", choice["offered"]))
        return f"{choice['question']}: there is no {choice['answer']}; there are {offered}"
    _, found, after = text.partition("Validation error for question '")
    if not found:
        return text.strip()[:300]
    question, _, reason = after.partition("':")
    return f"{question}: {' '.join(reason.split()).rstrip(';')}"
