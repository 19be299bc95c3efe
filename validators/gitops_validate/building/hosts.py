"""The public hosts that sources of charts name."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from gitops_validate.engine import Answer, Question
from gitops_validate.load import entries

if TYPE_CHECKING:
    from gitops_validate.engine import Engine
    from gitops_validate.revisions.former import Former

GROUP = "source.toolkit.fluxcd.io/"
SOURCES = ("HelmRepository", "OCIRepository")
PORT = 443
"""Of https and of registries; nothing else is asked of a host that is merely public."""
_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")


def address(url: str) -> tuple[str, int] | None:
    """The host and port that a source's URL leads to with encryption; None if it leads nowhere, or holds credentials, with which nobody is asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, PORT if parts.port is None else parts.port
    except ValueError:  # brackets that do not close, a port that is no number
        return None
    return (host, port) if host and parts.scheme in ("https", "oci") and "@" not in parts.netloc else None


def own(url: str) -> list[str]:
    """What a source may say itself, outside of merge requests: its host, at any port."""
    found = address(url)
    return [found[0]] if found else []


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
        return [_written(*found)] if found and found in self._named else []

    @cached_property
    def _named(self) -> frozenset[tuple[str, int]]:
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


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
