"""Files that a kustomization takes from elsewhere: fetched where the configuration allows the host and the entry names a full commit, and kept by it."""

from __future__ import annotations

import posixpath
import re
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from msgspec import Struct, field

from gitops_validate.engine.wire import split
from gitops_validate.errors import UsageError
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.revisions import git
from gitops_validate.revisions.history import Commit, contents

KIND = "fetched"
"""What entries of the cache are."""
SECONDS = 60
LARGEST = 64 << 20
"""Bytes of all files of a repository that are taken, and of a single one."""
COMMIT = re.compile(r"[0-9a-f]{40}")
OFFLINE, ALLOWED = "it is elsewhere, and no connection may be opened", "name a full commit of 40 digits, which nobody can move"


class Named(Struct, frozen=True):
    """What an entry names: a path at a commit of the repository at a URL, or the single file there."""

    entry: str
    host: str
    url: str
    commit: str
    path: str = "."
    single: bool = False


class Fetched(Struct, frozen=True):
    """The files of an entry by their paths, and the path among them that it names."""

    entry: str
    path: str
    files: Mapping[str, bytes]


def named(entry: str) -> Named | None:
    """What an entry names, as far as files can be fetched for it: over HTTP, from git or one file. None for anything else.

    Where the repository ends and the path in it begins is told as kustomize does: by `//`, by `.git`, or after two parts.
    """
    text = entry.removeprefix("git::")
    text = f"https://{text}" if text.startswith("github.com/") else text
    try:
        parts = urlsplit(text)
        host = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or parts.fragment:
        return None
    asked = parse_qs(parts.query)
    revision = (asked.get("ref") or asked.get("version") or [""])[-1]
    at = f"{parts.scheme}://{parts.netloc}"
    if not revision and posixpath.splitext(parts.path)[1] in (".yaml", ".yml", ".json"):
        found = COMMIT.search(parts.path)
        name = posixpath.basename(unquote(parts.path))
        return Named(entry, host, text, found[0] if found else "", name, single=True) if parts.scheme == "https" else None
    repository, path = _split(parts.path.strip("/"))
    return Named(entry, host, f"{at}/{repository}", revision if COMMIT.fullmatch(revision) else "", posixpath.normpath(path or "."))


def _split(path: str) -> tuple[str, str]:
    """A repository's address on its host, and the path in it."""
    if "//" in path:
        repository, _, within = path.partition("//")
    elif ".git/" in path or path.endswith(".git"):
        before, _, within = path.partition(".git")
        repository = f"{before}.git"
    else:
        steps = path.split("/")
        repository, within = "/".join(steps[:2]), "/".join(steps[2:])
    return repository, within.strip("/")


class Elsewhere(Struct):
    """Fetches what entries name, once a run."""

    hosts: tuple[str, ...] = ()
    """Those that the configuration allows, with a port or for any."""
    offline: bool = False
    cache: Cache = field(default_factory=lambda: Cache(None))
    known: dict[str, Fetched | str] = field(default_factory=dict)

    def refuses(self, entry: str) -> str:
        """Why an entry is not to be fetched, which is a fault of the entry; "" if it may be."""
        found = named(entry)
        if found is None or not ({found.host, found.host.partition(":")[0]} & set(self.hosts)):
            return "only files of the checkout are built"
        return "" if found.commit else ALLOWED

    def fetch(self, entry: str) -> Fetched | str:
        """The files, or why there are none. The entry must not be refused."""
        if entry not in self.known:
            self.known[entry] = self._kept(entry)
        return self.known[entry]

    def _kept(self, entry: str) -> Fetched | str:
        key = digest(entry)
        kept = self.cache.get(KIND, key)
        if kept:
            header, _, body = kept.partition(b"\n")
            path, names, sizes = orjson.loads(header)
            return Fetched(entry, path, dict(zip(names, split(body, sizes), strict=True)))
        if self.offline:
            return OFFLINE
        found = named(entry)
        assert found
        try:
            brought = {found.path: _file(found)} if found.single else dict(_repository(found))
        except (OSError, ValueError, HTTPException, UsageError, subprocess.SubprocessError) as fault:
            return f"it could not be fetched: {fault}"
        sizes = [len(body) for body in brought.values()]
        self.cache.put(KIND, key, orjson.dumps([found.path, list(brought), sizes]) + b"\n" + b"".join(brought.values()))
        return Fetched(entry, found.path, brought)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Whoever is allowed is asked, and nobody that they name."""


def _file(found: Named) -> bytes:
    """One file. Raises OSError or ValueError."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.HTTPSHandler(context=ssl.create_default_context()), _NoRedirects(), urllib.request.HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    opener.add_handler(urllib.request.HTTPErrorProcessor())
    request = urllib.request.Request(found.url, headers={"User-Agent": "gitops-validate"})  # noqa: S310 - `named` takes https alone
    with opener.open(request, timeout=SECONDS) as answer:
        body: bytes = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise ValueError(f"it has more than {LARGEST >> 20} MiB")
    return body


def _repository(found: Named) -> Iterator[tuple[str, bytes]]:
    """The files of a commit, links and submodules left out, by git alone: nothing is checked out. Raises OSError, ValueError or UsageError."""
    with tempfile.TemporaryDirectory(prefix="gitops-validate-") as name:
        folder = Path(name)
        _run(folder, found, "init", "--quiet", "--bare")
        _run(folder, found, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", found.url, found.commit)
        yield from contents(Commit(folder, found.commit, ""), LARGEST)


def _run(folder: Path, found: Named, *arguments: str) -> None:
    """Git over one protocol, to one host, with no credentials, helpers or settings of the user's. Raises ValueError."""
    scheme = found.url.partition(":")[0]
    environment = {**git.environment(), "GIT_ALLOW_PROTOCOL": scheme}
    settings = ("-c", "http.followRedirects=false", "-c", "credential.helper=", "-c", "init.defaultBranch=none")
    command = (*git.GIT, *settings, "-C", str(folder), *arguments)
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ValueError(words[-1][:200] if words else f"git ended with {done.returncode}")
