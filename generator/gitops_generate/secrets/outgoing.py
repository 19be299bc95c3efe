"""Secrets that other answers call for no more: their files go with the change, as the files of a component do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets import catalogue, kustomization, platform
from gitops_generate.secrets.documents import Engine, content
from gitops_generate.secrets.shelf import is_secret
from gitops_generate.secrets.writing import Batch
from gitops_validate import engine


@contextmanager
def swept(root: Path) -> Iterator[None]:
    """Around other answers: afterwards the files are gone of each secret that only the catalogue before them names. Raises Refused and WrongAnswer.

    A file that no catalogue named is somebody's own, and stays.
    """
    with engine.Engine([]) as running:
        before = _named(root, running)
        yield
        try:
            after = _named(root, running)
        except Refused:  # it holds both sides of a conflict: whoever solves that sees what is left over in `secrets status`
            return
        gone = {path for path in before - after if (root / path).is_file()}
        batch = Batch(root)
        for path in sorted(gone):
            batch.drop(path)
        for folder in sorted({path.rpartition("/")[0] for path in gone}):
            _list(root, folder, gone, batch, running)
        batch.commit()


def _named(root: Path, running: Engine) -> set[str]:
    if content(root, catalogue.FILE) is None:
        return set()
    secrets = catalogue.load(root, running)
    return {secret.path(name) for name in platform.load(root, running).environments for secret in secrets.of(name)}


def _list(root: Path, folder: str, gone: set[str], batch: Batch, running: Engine) -> None:
    """Let the kustomization beside the files name those that stay."""
    path = f"{folder}/{kustomization.NAME}"
    text = content(root, path)
    if text is not None:
        stay = sorted(file.name for file in (root / folder).iterdir() if is_secret(file.name) and f"{folder}/{file.name}" not in gone)
        batch.put(path, kustomization.updated(path, text, stay, (), "", running))
