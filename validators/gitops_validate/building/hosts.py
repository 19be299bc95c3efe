"""The hosts that sources of charts name."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from gitops_validate.engine import Answer, Question
from gitops_validate.load import entries
from gitops_validate.model.access import Place

if TYPE_CHECKING:
    from gitops_validate.engine import Engine
    from gitops_validate.revisions.former import Former

GROUP = "source.toolkit.fluxcd.io/"
SOURCES = ("HelmRepository", "OCIRepository")
PORT = 443
"""Of https and of registries; nothing else is asked of a host that is merely public."""
PORTS = {"https": PORT, "oci": PORT, "http": 80}
_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")


class Hosts(Protocol):
    """Who may be asked for charts, besides the hosts of the configuration, and who may be shown a login."""

    def of(self, url: str) -> list[str]:
        """The public hosts that may be asked for the charts of a source, by its URL. Told only where a chart must be fetched."""

    def trusts(self, place: Place) -> bool:
        """Whether a host may be shown its login, if there is one."""


def place(url: str) -> Place | None:
    """The host and port that a source's URL leads to; None if it leads nowhere, or holds credentials, with which nobody is asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:  # brackets that do not close, a port that is no number
        return None
    return (host, port) if host and port is not None and parts.scheme in PORTS and "@" not in parts.netloc else None


def address(url: str) -> Place | None:
    """The same of a URL that leads there with encryption."""
    return None if url[:5].lower() == "http:" else place(url)


def own(url: str) -> list[str]:
    """What a source may say itself, outside of merge requests: its host, at any port."""
    found = address(url)
    return [found[0]] if found else []


class OwnHosts:
    """Outside of merge requests, the checkout says where its charts come from."""

    def of(self, url: str) -> list[str]:
        """What the source says."""
        return own(url)

    def trusts(self, _: Place) -> bool:
        """All of them."""
        return True


def shown(url: str) -> str:
    """A URL as it may be printed: without credentials."""
    return _CREDENTIALS.sub("", url)


class BaseHosts(Struct, frozen=True, dict=True):
    """In a merge request, the hosts that sources of its base name. They are read when somebody first asks."""

    base: Former
    engine: Engine

    def of(self, url: str) -> list[str]:
        """The host of a source with its port, if the base names both."""
        found = address(url)
        return [written(*found)] if found and found in self._named else []

    def trusts(self, place: Place) -> bool:
        """Those alone that the base names, whatever the request makes of its sources."""
        return place in self._named

    @cached_property
    def _named(self) -> frozenset[Place]:
        """A file that cannot be read, or that is too large, names none."""
        texts = self.base.holding(SOURCES)
        answers = self.engine.ask_all(Question("parse", {"root": "", "names": ["-"]}, (text,)) for text in texts)
        files = (file for answer in answers if isinstance(answer, Answer) for _, file in entries(answer))
        found = (_url(manifest.data) for file in files for manifest in file.manifests)
        return frozenset(named for url in found if url and (named := address(url)))


def _url(data: Any) -> str:
    """Where a source of charts leads; "" if the object is none."""
    match data:
        case {"apiVersion": str(version), "kind": str(kind), "spec": {"url": str(url)}} if kind in SOURCES and version.startswith(GROUP):
            return url
    return ""


def written(host: str, port: int) -> str:
    """A host and its port in one."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
