"""Private keys: one file an environment, outside any checkout, written once."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer

VARIABLE = "GITOPS_GENERATE_KEYS_DIR"


class KeyFolder:
    """Where the private keys of a platform are."""

    def __init__(self, platform: str, root: Path, given: Path | None) -> None:
        """The given folder, $GITOPS_GENERATE_KEYS_DIR, or the platform's below the user's configuration."""
        self._platform, self._root, self._given = platform, root, given

    @cached_property
    def folder(self) -> Path:
        """The folder, which need not be there. Raises Refused for one in a checkout."""
        named = self._given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
        folder = Path(os.path.realpath(named.expanduser() if named else _configuration() / "gitops-generate" / self._platform))
        for above in (folder, *folder.parents):
            if above == self._root or (above / ".git").exists():
                raise Refused(f"private keys never lie in a checkout, and {folder} is in that of {above}: choose another --keys-dir")
        return folder

    def path(self, environment: str) -> Path:
        """The file of an environment's key."""
        return self.folder / f"{environment}.agekey"

    def read(self, environment: str) -> bytes | None:
        """The identities of an environment; None if they are not on this machine. Raises Refused, also where others can read them."""
        path = self.path(environment)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if os.fstat(descriptor).st_mode & 0o077:
                    raise Refused(f"{path} can be read by others: chmod 600 it, and consider whether the key has to be replaced")
                return file.read(1 << 20)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Refused(f"{path} cannot be read: {fault.strerror}") from None

    def write(self, environment: str, recipient: str, identity: bytes) -> None:
        """Keep a new key, in the form of age-keygen. An existing file is never replaced. Raises Refused."""
        path = self.path(environment)
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            self.folder.mkdir(exist_ok=True, parents=True, mode=0o700)
            _write_once(path, f"# created: {made}\n# public key: {recipient}\n".encode() + identity)
        except FileExistsError:
            raise Refused(f"{path} is there already, and a key is never replaced") from None
        except OSError as fault:
            raise Refused(f"the private key cannot be kept in {path}: {fault.strerror}") from None


def _configuration() -> Path:
    given = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(given):
        return Path(given)
    try:
        home = Path.home()
    except RuntimeError:
        raise WrongAnswer("there is no home folder to keep private keys in: say --keys-dir") from None
    return home / "Library/Application Support" if sys.platform == "darwin" else home / ".config"


def _write_once(path: Path, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
    except BaseException:  # half a key is worse than none
        with suppress(OSError):
            path.unlink()
        raise
