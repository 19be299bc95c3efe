"""All files of a command: each is replaced as a whole, and none before all of them lie ready beside their places."""

from __future__ import annotations

import difflib
import fcntl
import os
import re
import secrets
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets.documents import content, follows_no_link

DRAFT = re.compile(r"[.][0-9a-f]{12}\Z")


@dataclass
class Batch:
    """What a command is going to write below `root`. Nothing is on the disk until `commit`."""

    root: Path
    _files: dict[str, bytes] = field(default_factory=dict)
    _gone: list[str] = field(default_factory=list)
    _before: list[Callable[[], object]] = field(default_factory=list)

    def put(self, path: str, body: bytes) -> None:
        """Let a file have this content; one that has it already is left alone."""
        if content(self.root, path) != body:
            self._files[path] = body

    def drop(self, path: str) -> None:
        """Let a file be gone, after the others have arrived."""
        self._gone.append(path)

    def read(self, path: str) -> bytes | None:
        """The content that a file has, or will have."""
        return self._files[path] if path in self._files else content(self.root, path)

    def first(self, action: Callable[[], object]) -> None:
        """Do this before any file is replaced, such as keeping the key that they are encrypted to."""
        self._before.append(action)

    @property
    def paths(self) -> list[str]:
        """The files that will be written or be gone, in their order."""
        return [*self._files, *self._gone]

    def differences(self) -> str:
        """A unified diff; of encrypted files only their names."""
        coming = {**self._files, **dict.fromkeys(self._gone)}
        return "".join(self._difference(path, coming[path]) for path in sorted(coming))

    def _difference(self, path: str, body: bytes | None) -> str:
        old = content(self.root, path)
        if path.endswith(".sops.yaml") and "/" in path:
            return f"{'new' if old is None else 'changed'} encrypted file: {path}\n"
        before, after = ((text or b"").decode("utf-8", "replace").splitlines(keepends=True) for text in (old, body))
        return "".join(difflib.unified_diff(before, after, "/dev/null" if old is None else f"a/{path}", "/dev/null" if body is None else f"b/{path}"))

    def commit(self) -> None:
        """Write. Interrupted, or out of space, before all drafts lie ready: nothing has changed. Raises Refused."""
        drafts: dict[Path, Path] = {}
        made: list[Path] = []
        outcome = "nothing was changed"
        try:
            for path, body in self._files.items():
                self._stage(path, body, drafts, made)
            with _undisturbed():
                for action in self._before:
                    action()
                made.clear()
                outcome = "not all files are new: run the command again"
                for target in list(drafts):
                    os.replace(drafts[target], target)
                    del drafts[target]
                for path in self._gone:
                    (self.root / path).unlink(missing_ok=True)
                    _clear([], [self.root / above for above in reversed(Path(path).parents[:-1])])
        except OSError as fault:
            raise Refused(f"cannot write {_named(fault, self.root)}: {fault.strerror}; {outcome}") from None
        finally:
            _clear(drafts.values(), made)

    def _stage(self, path: str, body: bytes, drafts: dict[Path, Path], made: list[Path]) -> None:
        follows_no_link(self.root, path)
        target = self.root / path
        _make_folders(target.parent, made)
        _clear([old for old in target.parent.glob(f".{target.name}.*") if DRAFT.search(old.name)], [])  # of a run that was killed
        drafts[target] = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        _write(drafts[target], body, target)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the repository against a second run; the lock goes with the process, however it ends. Raises Refused."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another gitops-generate is at work in {root}: try again when it is done") from None
        except OSError:  # a file system without locks, such as some network ones
            pass
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait for the moment that replacing takes, so that files that belong together change together."""
    waiting: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # where Python runs no handlers
        yield
        return
    before = {
        number: signal.signal(number, lambda number, _frame: waiting.append(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler if handler is not None else signal.SIG_DFL)
        for number in waiting[:1]:
            signal.raise_signal(number)


def _write(draft: Path, body: bytes, target: Path) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(descriptor)
        with suppress(FileNotFoundError):
            os.fchmod(descriptor, target.stat().st_mode & 0o777)


def _make_folders(folder: Path, made: list[Path]) -> None:
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    for above in reversed(missing):
        above.mkdir()
        made.append(above)


def _clear(drafts: Iterable[Path], made: list[Path]) -> None:
    for draft in drafts:
        with suppress(OSError):
            draft.unlink()
    for folder in reversed(made):
        with suppress(OSError):  # somebody put a file there
            folder.rmdir()


def _named(fault: OSError, root: Path) -> str:
    path = str(fault.filename2 or fault.filename or root)
    return path.removeprefix(f"{root}{os.sep}")
