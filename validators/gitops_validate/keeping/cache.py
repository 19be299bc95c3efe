"""Results on disk, keyed by the content that went in. An entry that cannot be read back whole is a miss, never an error."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG

from gitops_validate.discover import top_of
from gitops_validate.keeping.packs import LARGEST, Packs
from gitops_validate.keeping.whole import SUM, at_once, checksum, put
from gitops_validate.revisions import git

ANSWERS = "answers"
"""The folder of the packs."""


def digest(*parts: bytes | str) -> str:
    """One key for many parts; where one ends and the next begins is part of it."""
    bodies = [part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part for part in parts]
    state = blake2b(f"{list(map(len, bodies))}".encode(), digest_size=SUM)
    state.update(b"".join(bodies))
    return state.hexdigest()


def folder(environ: dict[str, str] | os._Environ[str] = os.environ) -> Path | None:
    """The user's cache folder, or None without a home.

    In GitLab CI, what an unprotected pipeline computed is kept apart from what protected branches read: whoever opens a merge request
    may write the former.
    """
    base = environ.get("GITOPS_VALIDATE_CACHE") or environ.get("XDG_CACHE_HOME")
    home = environ.get("HOME")
    if not base and not home:
        return None
    trusted = environ.get("CI_COMMIT_REF_PROTECTED", "true") == "true" and not environ.get("CI_MERGE_REQUEST_IID")
    return Path(base or f"{home}/.cache") / "gitops-validate" / ("trusted" if trusted else "merge-requests")


def beside(root: Path) -> Path | None:
    """The same for runs over the checkout at `root`, or None where the checkout brings files to that folder.

    GitLab keeps what lies in the checkout only, so that the cache lies there too, and whoever opens a merge request could commit entries for it:
    results that say what they like.
    """
    found = folder()
    if found is None:
        return None
    top = top_of(root)
    place = Path(os.path.abspath(found))
    real = place.resolve()
    if any(each.is_symlink() and each.parent.resolve().is_relative_to(top) for each in (place, *place.parents)):
        return None
    if not real.is_relative_to(top):
        return found
    return real if git.ask(top, "ls-files", "-z", "--", os.fspath(real)) == b"" else None


class Cache:
    """Entries by kind and key under one folder; without a folder it holds nothing, and where it is not kept nothing is added to it."""

    def __init__(self, root: Path | None, *, kept: bool = True) -> None:
        self.root, self._kept = root, kept
        self.answers = Packs(root / ANSWERS if root else None, kept=kept)
        """What the engine has answered."""
        self._waiting: list[tuple[str, str, bytes]] = []

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry, or None."""
        if self.root is None:
            return None
        try:
            with open(f"{self.root}/{kind}/{key[:1]}/{key[1:]}", "rb", buffering=0, opener=at_once) as file:
                status = os.fstat(file.fileno())
                content = file.readall() if S_ISREG(status.st_mode) and status.st_size <= LARGEST else b""
        except OSError:
            return None
        body = content[SUM:]
        return body if len(content) >= SUM and checksum(body) == content[:SUM] else None

    def put(self, kind: str, key: str, body: bytes) -> None:
        """Keep an entry: whole or not at all, readable by its owner only. A full or read-only disk costs nothing but the entry."""
        path = self._path(kind, key) if self._kept else None
        if path is None:
            return
        with contextlib.suppress(OSError):
            put(path, [checksum(body), body])

    def later(self, kind: str, key: str, body: bytes) -> None:
        """Keep an entry once it is known that it is about what was walked."""
        self._waiting.append((kind, key, body))

    def settle(self, *, known: bool) -> None:
        """At the end of a run: keep what was answered and what waits, if it is `known` to be about what was walked; else forget it."""
        waiting, self._waiting = self._waiting, []
        if not known:
            self.answers.forget()
            return
        self.answers.write()
        for entry in waiting:
            self.put(*entry)

    @contextmanager
    def charts(self) -> Iterator[Path]:
        """The folder of charts by digest; one that is removed again when nothing is kept."""
        with contextlib.ExitStack() as stack:
            folder = self.root / "charts" if self.root else None
            try:
                if folder:
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError:
                folder = None
            yield folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gitops-validate-")))

    def sizes(self) -> Iterator[tuple[str, int, int]]:
        """Each kind with its number of entries and their bytes."""
        for kind in sorted(self.root.iterdir()) if self.root and self.root.is_dir() else ():
            sizes = [entry.stat().st_size for entry in kind.rglob("*") if entry.is_file()]
            yield kind.name, len(self.answers) if kind.name == ANSWERS else len(sizes), sum(sizes)

    def clean(self, kinds: Iterable[str] = ()) -> None:
        """Remove the entries of these kinds, or everything."""
        if self.root:
            for target in [self.root / kind for kind in kinds] or [self.root]:
                shutil.rmtree(target, ignore_errors=True)

    def _path(self, kind: str, key: str) -> Path | None:
        return self.root / kind / key[:1] / key[1:] if self.root else None
