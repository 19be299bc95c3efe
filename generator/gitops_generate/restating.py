"""What states a version is Renovate's and people's, so that no update touches it. Where the template now writes it in another form, the version moves over.

A chart that comes from the company's registry has its tag in an OCIRepository, for instance, and no longer its version in a HelmRelease.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gitops_generate import answers, copying, promote

_STATED = re.compile(r"(?m)^(?P<before> +(?:- )?(?:tag|version|image|imageName): (?:\S*/)?(?:[^\s:@/]+[:@])?)(?P<version>[^\s/#]+)")


@contextmanager
def restated(repository: Path) -> Iterator[None]:
    """Around an update: afterwards each version stands in the form that the template has by then, unless people had given it one of their own."""
    before = answers.read(repository / answers.FILE)
    yield
    now = answers.read(repository / answers.FILE)
    with TemporaryDirectory(prefix="gitops-generate.") as scratch:
        new = Path(scratch) / "new"
        copying.again(new, now)
        differing = [path for path in _files(repository) if _form(new / path) not in (None, _form(repository / path))]
        if differing:
            _restate(repository, differing, new, Path(scratch) / "old", before)


def _restate(repository: Path, differing: list[Path], new: Path, old: Path, before: Mapping[str, Any]) -> None:
    copying.again(old, before)
    for path in differing:
        stated = _STATED.search(_text(repository / path))
        if stated and _form(old / path) == _form(repository / path):
            (repository / path).write_text(_with(_text(new / path), stated["version"]), encoding="utf-8")


def _with(text: str, version: str) -> str:
    return _STATED.sub(lambda found: found["before"] + version, text, count=1)


def _files(repository: Path) -> list[Path]:
    return [path.relative_to(repository) for path in promote.versions(repository, "*", "*")]


def _form(file: Path) -> str | None:
    """All but the version, None where there is no file."""
    return _STATED.sub(r"\g<before>", _text(file), count=1) if file.is_file() else None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
