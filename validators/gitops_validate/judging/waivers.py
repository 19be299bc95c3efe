"""Waivers: which findings a person has accepted, where, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.config import Accepted, Config, Waiver
from gitops_validate.model.finding import Finding, Incomplete
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.model.waiver import WaiverUse

ANNOTATION = "gitops-validate/allow."

Before: TypeAlias = Callable[[str], Sequence[Manifest]]


class Candidate(Struct, frozen=True):
    """A finding, and the documents on which an annotation may waive it."""

    finding: Finding
    homes: frozenset[tuple[str, int]]


class _Kept(Struct):
    """A waiver while it is applied: of the configuration, or of an annotation at a document."""

    use: WaiverUse
    config: Waiver | None = None
    home: tuple[str, int] = ("", -1)

    def covers(self, candidate: Candidate) -> bool:
        finding = candidate.finding
        if self.use.expired or not self.use.believed or not self.use.reason.strip() or self.use.rule != finding.rule:
            return False
        if self.config is None:
            return self.home in candidate.homes
        asked = (
            (self.config.object, str(finding.object or "")),
            (self.config.path, finding.place.path),
            (self.config.environment, finding.environment),
        )
        return all(not pattern or fnmatchcase(value, pattern) for pattern, value in asked)


def apply(
    candidates: Sequence[Candidate], repo: Repo, config: Config, today: date, before: Before | None = None
) -> tuple[list[Finding], list[Finding], list[WaiverUse]]:
    """Part findings into those that stand and those that are waived; say of each waiver whether it was of use.

    `before` gives the documents of a file at the base commit: an annotation counts only if the same object had it there.
    """
    kept = [*_configured(config, today), *_annotated(repo, before)]
    standing, waived = [], []
    for candidate in candidates:
        covering = [waiver for waiver in kept if waiver.covers(candidate)]
        for waiver in covering:
            waiver.use = replace(waiver.use, used=True)
        if covering:
            waived.append(replace(candidate.finding, waived=covering[0].use.reason))
        else:
            standing.append(candidate.finding)
    return standing, waived, [waiver.use for waiver in kept]


def accept(gaps: Sequence[Incomplete], config: Config, today: date) -> Iterator[Incomplete]:
    """Gaps, with the reason for which the configuration accepts them."""
    valid = [entry for entry in config.accept if entry.expires is None or entry.expires >= today]
    for gap in gaps:
        entry = next((entry for entry in valid if _accepts(entry, gap)), None)
        yield replace(gap, accepted=entry.reason) if entry else gap


def _accepts(entry: Accepted, gap: Incomplete) -> bool:
    return entry.what == gap.what and fnmatchcase(gap.subject, entry.subject or "*")


def _configured(config: Config, today: date) -> Iterator[_Kept]:
    for waiver in config.waivers:
        expired = waiver.expires is not None and waiver.expires < today
        place = Place(config.path, waiver.line, 1 if waiver.line else 0)
        yield _Kept(WaiverUse(waiver.rule, waiver.reason, place, waiver.expires, expired, environment=waiver.environment), waiver)


def _annotated(repo: Repo, before: Before | None) -> Iterator[_Kept]:
    for manifest in repo.manifests:
        for name, reason in waiving(manifest).items():
            believed = before is None or any(old.ref == manifest.ref and waiving(old).get(name) == reason for old in before(manifest.path))
            use = WaiverUse(name.removeprefix(ANNOTATION), reason, manifest.at("metadata", "annotations", name), believed=believed)
            yield _Kept(use, home=(manifest.path, manifest.document))


def waiving(manifest: Manifest) -> dict[str, str]:
    """The annotations of a document that are waivers."""
    match manifest.data if ANNOTATION.encode() in manifest.raw else None:
        case {"metadata": {"annotations": dict(annotations)}}:
            return {name: str(reason or "") for name, reason in annotations.items() if name.startswith(ANNOTATION)}
    return {}
