"""Private keys: one file an environment, outside any checkout, written once."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer


class KeyFolder:
    """Where the private keys of a platform are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def of(platform: str, root: Path, given: Path | None) -> KeyFolder:
        """The folder of a platform below `given`, or below the user's configuration. Raises WrongAnswer for one in a checkout."""
        base = given or _configuration() / "gitops-generate"
        folder = Path(os.path.realpath(base)) / platform
        for above in (folder, *folder.parents):
            if above == root or (above / ".git").exists():
                raise WrongAnswer(f"{folder} lies in the checkout {above}, where a private key may be committed: name another folder with --keys-dir")
        return KeyFolder(folder)

    def path(self, environment: str) -> Path:
        """The file of an environment's key."""
        return self.folder / f"{environment}.agekey"

    def read(self, environment: str) -> bytes | None:
        """The identities of an environment; None if they are not on this machine. Raises Refused."""
        try:
            descriptor = os.open(self.path(environment), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return file.read(1 << 20)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Refused(f"{self.path(environment)} cannot be read: {fault.strerror}") from None

    def write(self, environment: str, recipient: str, identity: bytes) -> Path:
        """Keep a new key, in the form of age-keygen. An existing file is never replaced. Raises Refused."""
        path = self.path(environment)
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.mkdir(exist_ok=True, mode=0o700)
            _write_once(path, f"# created: {made}\n# public key: {recipient}\n".encode() + identity + b"\n")
        except FileExistsError:
            raise Refused(f"{path} is there already, and a key is never replaced") from None
        except OSError as fault:
            raise Refused(f"the private key cannot be kept in {path}: {fault.strerror}") from None
        return path


def _configuration() -> Path:
    given = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(given) if os.path.isabs(given) else Path.home() / ".config"


def _write_once(path: Path, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except BaseException:  # half a key is worse than none
        with suppress(OSError):
            path.unlink()
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
