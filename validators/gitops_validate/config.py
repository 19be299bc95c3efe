"""The configuration, `.gitops-validate.yaml` at the root of the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from gitops_validate.model.finding import Severity


@dataclass(frozen=True, slots=True)
class EnvironmentConfig:
    """What the configuration says of one environment; empty fields mean the default."""

    name: str
    path: str = ""
    kubernetes: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A gap that the configuration accepts: an Incomplete whose `what` is equal and whose subject matches the glob."""

    what: str
    subject: str
    reason: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Findings that the configuration waives: by rule, and by glob over "Kind/namespace/name", path and environment; "" matches all."""

    rule: str
    reason: str
    object: str = ""
    path: str = ""
    environment: str = ""
    expires: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, defaults included."""

    path: str = ""
    """Where it was read, relative to the root; "" when there is none."""
    kubernetes: str = "1.36"
    environments: tuple[EnvironmentConfig, ...] = ()
    fail_level: Severity = Severity.ERROR
    self_sources: tuple[str, ...] = ()
    """Sources that are this checkout itself, as Kind/namespace/name; empty means the source of each environment's entry."""
    mirrors: Mapping[str, str] = field(default_factory=dict)
    """URL prefix of charts → another URL prefix, or a folder of .tgz (relative to the root, or absolute)."""
    hosts: tuple[str, ...] = ()
    """Hosts, with or without a port, that may be asked for charts."""
    accept: tuple[Accepted, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    workers: int = 0
    """Engine processes; 0 means one a core."""
