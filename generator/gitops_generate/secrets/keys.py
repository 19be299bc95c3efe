"""Private age keys: one an environment, the cluster's own, in the user's configuration folder and never in a checkout."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets.sealed import Safe

VARIABLE = "GITOPS_GENERATE_KEYS_DIR"


def folder(platform: str, chosen: Path | None) -> Path:
    """Where a platform's private keys are: the chosen folder, $GITOPS_GENERATE_KEYS_DIR, or one by platform in the user's configuration. Raises Refused."""
    named = chosen or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    where = (named or _configuration() / "gitops-generate" / platform).expanduser().absolute()
    for parent in (where.resolve(), *where.resolve().parents):
        if (parent / ".git").exists():
            raise Refused(f"private keys never lie in a checkout, and {where} is in that of {parent}: choose another --keys-dir")
    return where


def _configuration() -> Path:
    if os.environ.get("XDG_CONFIG_HOME"):
        return Path(os.environ["XDG_CONFIG_HOME"])
    try:
        home = Path.home()
    except RuntimeError:
        raise Refused("there is no home folder to keep private keys in: say --keys-dir") from None
    return home / "Library/Application Support" if sys.platform == "darwin" else home / ".config"


def file(where: Path, environment: str) -> Path:
    """The file of one environment's private key."""
    return where / f"{environment}.agekey"


def read(where: Path, environment: str) -> bytes | None:
    """The private key, if it is here. Raises Refused where others can read it too."""
    path = file(where, environment)
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_mode & 0o077:
                raise Refused(f"{path} can be read by others: chmod 600 it, and consider whether the key has to be replaced")
            return stream.read(1 << 16)
    except FileNotFoundError:
        return None


def create(where: Path, environment: str, safe: Safe) -> str:
    """Make a key and keep it, readable by its owner alone, where no key is yet. Returns its recipient. Raises Refused."""
    identity, recipient = safe.keygen()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = file(where, environment)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Refused(f"{path} is there already, and a key is never replaced: move it away if it is not {environment}'s") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(f"# created: {now}\n# public key: {recipient}\n".encode() + identity)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)  # half a key is none
        raise
    return recipient


def public(identity: bytes) -> str | None:
    """The recipient that a key file names in its comment, as age-keygen writes it."""
    for line in identity.decode(errors="replace").splitlines():
        if line.startswith("# public key: "):
            return line.removeprefix("# public key: ").strip()
    return None
