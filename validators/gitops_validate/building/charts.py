"""Where the chart of a HelmRelease comes from: a folder of the checkout, or an archive in the chart cache."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from gitops_validate.building.hosts import Hosts, OwnHosts, place, shown, written
from gitops_validate.config import Config
from gitops_validate.discover import CONFIG
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.model.access import Access
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Failure, HelmRelease, RenderedObject

SECONDS = 120
"""How long a chart may take to come."""
ADVICE = {
    "host-not-allowed": "; name it under `hosts` in .gitops-validate.yaml (in a merge request, that of the commit that the request starts from)",
    "login-required": "; give its login in a file with --registry-config",
}
"""What to do about a failure of the engine."""
WITHHELD = "; in a merge request a login is shown only where a source of the commit that the request starts from leads"
UNKNOWN_REVISION = "0" * 12
"""Stands for a commit that cannot be told, where Flux would put its first 12 digits."""

Lookup = Callable[[ReconcilerRef], RenderedObject | None]


class Chart(Struct, frozen=True):
    """What `helm` is asked to render: `location` as the engine takes it, `content` what identifies it."""

    location: Mapping[str, Any]
    content: str
    asked: tuple[str | bool, ...] = ()
    """What an archive was asked for by."""


class Gap(Struct, frozen=True):
    """A chart that could not be had."""

    what: str
    subject: str
    reason: str


class Wanted(Struct, frozen=True):
    """What a HelmRelease asks for, whether it says so itself or by a HelmChart."""

    source: ReconcilerRef
    name: str = ""
    version: str = ""
    by_revision: bool = False


class Charts(Struct):
    """Finds charts. `archives` remembers what was asked for in this run."""

    repo: Repo
    config: Config
    engine: Engine
    offline: bool
    revision: str
    """The commit that is checked, for charts whose version follows it."""
    hosts: Hosts = field(default_factory=OwnHosts)
    access: Access = field(default_factory=Access)
    archives: dict[tuple[str | bool, ...], Chart | Gap] = field(default_factory=dict)

    def find(self, wanted: Wanted, source: RenderedObject | None, is_self: bool, folder_content: Callable[[str], str]) -> Chart | Gap | Failure:
        """The chart, the gap, or what is wrong with the request itself."""
        if wanted.source.kind in ("GitRepository", "Bucket"):
            if not is_self:
                return Gap("source", str(wanted.source), "its files are not in this checkout; name it under sources.self if they are")
            return self._folder(wanted, folder_content)
        spec: Mapping[str, Any] = (source.get("spec") if source else None) or {}
        match wanted.source.kind, spec:
            case "HelmRepository", {"url": str(url)}:
                return self.again("HelmRepository", url, wanted.name, wanted.version, "", spec.get("insecure") is True)
            case "OCIRepository", {"url": str(url)}:
                ref = spec["ref"] if isinstance(spec.get("ref"), dict) else {}
                version, digest = str(ref.get("semver") or ref.get("tag") or ""), str(ref.get("digest") or "")
                return self.again("OCIRepository", url, "", version, digest, spec.get("insecure") is True)
        return Failure("chart-source", f"{wanted.source} has no URL that a chart could come from")

    def used(self) -> dict[str, str]:
        """The archives of this run by path, each with its digest."""
        return {str(chart.location["archive"]): chart.content for chart in self.archives.values() if isinstance(chart, Chart)}

    def _folder(self, wanted: Wanted, folder_content: Callable[[str], str]) -> Chart:
        folder = posixpath.normpath(wanted.name.lstrip("/") or ".")
        location = {"folder": folder}
        if wanted.by_revision:
            location["version"] = f"{self._written_version(folder).partition('+')[0]}+{self.revision[:12] or UNKNOWN_REVISION}"
        return Chart(location, folder_content(folder))

    def _written_version(self, folder: str) -> str:
        manifest = self.repo.at(posixpath.join(folder, "Chart.yaml").removeprefix("./"), 0)
        return str(manifest.data.get("version") or "0.0.0") if manifest and isinstance(manifest.data, dict) else "0.0.0"

    def again(self, kind: str, url: str, name: str, version: str, digest: str, insecure: bool) -> Chart | Gap:
        """The archive that this asks for, as it is now; asked once a run."""
        key = (kind, url, name, version, digest, insecure)
        if key not in self.archives:
            self.archives[key] = self._fetch(*key)
        return self.archives[key]

    def _fetch(self, kind: str, url: str, name: str, version: str, digest: str, insecure: bool) -> Chart | Gap:
        args = {
            "kind": kind,
            "url": url,
            "chart": name,
            "version": version,
            "digest": digest,
            "hosts": list(self.config.hosts),
            "public_hosts": [],
            "mirrors": {prefix: self._mirror(target) for prefix, target in self.config.mirrors.items()},
            "offline": self.offline,
            "insecure": insecure,
            "logins": self._logins(url),
            "authorities": self.access.authorities,
        }
        where = shown(url)
        subject = " ".join(part for part in (f"{where.rstrip('/')}/{name}" if name else where, version) if part)
        try:
            answer = self._ask(args)
        except EngineError as fault:
            return Gap("chart", subject, str(fault))
        failure = answer.result.get("failure")
        if failure:
            absent = self._absent() if failure["reason"] == "unreachable" else ""
            return Gap("chart", subject, f"{failure['reason']}: {absent or failure['message'] + self._advice(url, failure['reason'])}")
        location = {"archive": answer.result["archive"], "digest": answer.result["digest"]}
        if kind == "OCIRepository":  # Flux adds what the tag named to the version of a chart that it takes from an OCIRepository
            manifest = str(answer.result.get("manifest") or "").removeprefix("sha256:")[:12]
            location["version"] = f"{answer.result['version']}+{manifest or UNKNOWN_REVISION}"
        return Chart(location, answer.result["digest"], (kind, url, name, version, digest, insecure))

    def _ask(self, args: Mapping[str, Any]) -> Answer:
        """The engine's answer; public hosts are let in only where the cache, mirrors and the hosts of the configuration do not have the chart."""
        answer = self.engine.ask(Question("chart", args), seconds=SECONDS)
        refused = (answer.result.get("failure") or {}).get("reason") == "host-not-allowed"
        hosts = self.hosts.of(args["url"]) if refused else []
        return self.engine.ask(Question("chart", {**args, "public_hosts": hosts}), seconds=SECONDS) if hosts else answer

    def _logins(self, url: str) -> dict[str, dict[str, str]]:
        """The logins of the hosts that a chart may come from: of its source as far as that is trusted, and of mirrors, which the configuration names."""
        asked = place(url)
        mirrors = {found for target in self.config.mirrors.values() if (found := place(target))}
        known = {found: login for found in mirrors | ({asked} if asked else set()) if (login := self.access.logins.get(found))}
        allowed = ((found, login) for found, login in known.items() if found in mirrors or self.hosts.trusts(found))
        return {written(*found): {"username": login.username, "password": login.password} for found, login in allowed}

    def _absent(self) -> str:
        """That a folder is not there which charts are mirrored in: no engine is asked to read it."""
        folders = [target for target in self.config.mirrors.values() if "://" not in target and not (self.repo.root / target).is_dir()]
        return f"the folder {folders[0]} of charts.mirrors in {CONFIG} is not there" if folders else ""

    def _advice(self, url: str, reason: str) -> str:
        found = place(url)
        if reason == "login-required" and found and found in self.access.logins and not self.hosts.trusts(found):
            return WITHHELD
        return ADVICE.get(reason, "")

    def _mirror(self, target: str) -> str:
        return target if "://" in target else str((self.repo.root / target).resolve())


def wanted(release: HelmRelease, lookup: Lookup) -> Wanted | None:
    """What chart a release asks for; None when its source is not known (yet)."""
    namespace = release.ref.namespace
    match release.spec:
        case {"chartRef": {"kind": "HelmChart"}}:
            chart = helm_chart(release, lookup)
            return _from_chart(chart.data.get("spec"), chart.ref.namespace) if chart else None
        case {"chartRef": {"kind": str(kind), "name": str(name), **rest}}:
            return Wanted(ReconcilerRef(kind, str(rest.get("namespace") or namespace), name))
        case {"chart": {"spec": spec}}:
            return _from_chart(spec, namespace)
    return None


def helm_chart(release: HelmRelease, lookup: Lookup) -> RenderedObject | None:
    """The HelmChart that a release refers to, None if it refers to none or that is not known (yet)."""
    match release.spec:
        case {"chartRef": {"kind": "HelmChart", "name": str(name), **rest}}:
            return lookup(ReconcilerRef("HelmChart", str(rest.get("namespace") or release.ref.namespace), name))
    return None


def _from_chart(spec: Any, namespace: str) -> Wanted | None:
    match spec:
        case {"chart": str(name), "sourceRef": {"kind": str(kind), "name": str(source), **ref}}:
            return Wanted(
                ReconcilerRef(kind, str(ref.get("namespace") or namespace), source),
                name,
                str(spec.get("version") or ""),
                spec.get("reconcileStrategy") == "Revision",
            )
    return None
