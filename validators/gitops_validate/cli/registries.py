"""Reads what registries of charts are shown: the JSON that `docker login` and `helm registry login` write, and certificates.

Only names and passwords under `auths` count. Programs that the file names are not run.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from base64 import b64decode
from pathlib import Path
from typing import Any

from gitops_validate.building.hosts import PORT
from gitops_validate.discover import root_of, top_of
from gitops_validate.errors import UsageError
from gitops_validate.model.access import Access, Login, Place

LARGEST = 1 << 20
"""Bytes that a file may have."""
HUB = "https://index.docker.io/v1/"
"""How Docker writes docker.io."""
_HOST = re.compile(r"(?:https://)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?(?:/|/v[12]/?)?", re.IGNORECASE)


def access(config: Path | None, authorities: Path | None, checkout: Path) -> Access:
    """What is in a registry configuration and in a file of certificates. Raises UsageError, also where they lie in the checkout."""
    return Access(
        _logins(config, _content(config, checkout)) if config else {},
        _certificates(authorities, _content(authorities, checkout)) if authorities else "",
    )


def _content(file: Path, checkout: Path) -> bytes:
    try:
        real = file.resolve()
        top = top_of(root_of(checkout))
        if any(place.is_relative_to(top) for place in (real, Path(os.path.abspath(file)))):
            raise UsageError(f"{file} lies in the checkout, whose authors must not say what registries are shown: keep it outside")
        with file.open("rb") as opened:
            found = opened.read(LARGEST + 1)
    except (OSError, RuntimeError) as fault:
        raise UsageError(f"cannot read {file}: {getattr(fault, 'strerror', None) or fault}") from fault
    if len(found) > LARGEST:
        raise UsageError(f"{file} is larger than 1 MiB: no registry configuration needs to be")
    return found


def _certificates(file: Path, content: bytes) -> str:
    try:
        text = content.decode()
        ssl.create_default_context(cadata=text)
    except (ValueError, ssl.SSLError) as fault:
        raise UsageError(f"{file} holds no certificates in PEM that could be read") from fault
    return text


def _logins(file: Path, content: bytes) -> dict[Place, Login]:
    try:
        data = json.loads(content)
    except ValueError as fault:
        raise UsageError(f"{file} is no registry configuration: it is not JSON") from fault
    auths = data.get("auths") if isinstance(data, dict) else None
    if not isinstance(auths, dict):
        raise UsageError(f'{file} is no registry configuration: it has no {{"auths": {{"HOST": {{"auth": …}}}}}}')
    found: dict[Place, Login] = {}
    for name, entry in auths.items():
        place, login = _place(file, name), _login(file, name, entry)
        if found.setdefault(place, login) != login:
            raise UsageError(f"{file} has two logins for {name!r}: leave one out")
    return found


def _place(file: Path, name: str) -> Place:
    match = _HOST.fullmatch("docker.io" if name == HUB else name)
    port = int(match["port"] or PORT) if match else 0
    if match is None or not 0 < port < 1 << 16:
        raise UsageError(f"{file} names {name!r}, which is no HOST or HOST:PORT: a login is for the whole of one")
    return match["host"].strip("[]").lower(), port


def _login(file: Path, name: str, entry: Any) -> Login:
    username, password = _pair(entry)
    if not username or not password:
        raise UsageError(
            f'{file} has no name and password for {name!r}: write {{"auth": BASE64 of NAME:PASSWORD}}; tokens, and programs that know a login, are not used'
        )
    return Login(username, password)


def _pair(entry: Any) -> tuple[str, str]:
    match entry:
        case {"auth": str(packed)} if packed:
            try:
                username, _, password = b64decode(packed, validate=True).decode().partition(":")
            except ValueError:
                return "", ""
            return username, password.rstrip("\0")
        case {"username": str(username), "password": str(password)}:
            return username, password
    return "", ""
