"""Secrets that other answers, or a newer template, call for no more: their files go with the change, as the files of a component do.

One that is called for elsewhere moves there as it is: its value is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets import catalogue, kustomization, platform
from gitops_generate.secrets.catalogue import Secret
from gitops_generate.secrets.documents import content
from gitops_generate.secrets.shelf import is_secret
from gitops_generate.secrets.writing import Batch
from gitops_validate import engine
from gitops_validate.config import Engine

Named = Mapping[tuple[str, str], Secret]
"""Secrets by environment and name."""


@contextmanager
def swept(root: Path) -> Iterator[None]:
    """Around a change: afterwards the files are gone of each secret that only the catalogue before it names. Raises Refused and WrongAnswer.

    A file that no catalogue named is somebody's own, and stays.
    """
    with engine.Engine([]) as running:
        before = _named(root, running)
        bodies = {key: body for key, secret in before.items() if (body := content(root, secret.path(key[0]))) is not None}
        yield
        try:
            after = _named(root, running)
        except Refused:  # it holds both sides of a conflict: whoever solves that sees what is left over in `secrets status`
            return
        batch, gone = Batch(root), set()
        for key, body in bodies.items():
            old, new = before[key], after.get(key)
            here, there = old.path(key[0]), new.path(key[0]) if new else ""
            if here == there or (new and new.namespace != old.namespace):  # the namespace is part of what the MAC covers
                continue
            if there and content(root, there) is None:
                batch.put(there, body)
            if (root / here).is_file():
                batch.drop(here)
                gone.add(here)
        _list(root, gone, batch, running)
        batch.commit()


def _named(root: Path, running: Engine) -> Named:
    if content(root, catalogue.FILE) is None:
        return {}
    secrets = catalogue.load(root, running)
    return {(name, secret.name): secret for name in platform.load(root, running).environments for secret in secrets.of(name)}


def _list(root: Path, gone: Iterable[str], batch: Batch, running: Engine) -> None:
    """Let the kustomizations beside the files name those that stay."""
    changed = set(batch.paths)
    for folder in sorted({path.rpartition("/")[0] for path in changed}):
        path = f"{folder}/{kustomization.NAME}"
        text = content(root, path)
        if text is not None:
            there = {file.name for file in (root / folder).iterdir() if is_secret(file.name)}
            there |= {Path(new).name for new in changed if new.rpartition("/")[0] == folder}
            stay = sorted(name for name in there if f"{folder}/{name}" not in gone)
            batch.put(path, kustomization.updated(path, text, stay, (), "", running))
