"""Files that a kustomization takes from elsewhere: fetched where the configuration allows the host and the entry names a full commit, and kept by it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from msgspec import Struct, field

from gitops_validate.engine.wire import split
from gitops_validate.keeping.cache import Cache, digest

KIND = "fetched"
"""What entries of the cache are."""
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
        from gitops_validate.building import fetching  # noqa: PLC0415 - few runs fetch anything, and HTTP takes a while to import

        try:
            brought = {found.path: fetching.file(found.url)} if found.single else fetching.repository(found.url, found.commit)
        except fetching.Unreachable as fault:
            return f"it could not be fetched: {fault}"
        sizes = [len(body) for body in brought.values()]
        self.cache.put(KIND, key, orjson.dumps([found.path, list(brought), sizes]) + b"\n" + b"".join(brought.values()))
        return Fetched(entry, found.path, brought)
