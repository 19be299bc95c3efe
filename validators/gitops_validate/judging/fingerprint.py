"""Fingerprints: what makes two findings of different runs the same one, whatever lines have moved in between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from msgspec.structs import replace

from gitops_validate.model.finding import Finding

POSITION = re.compile(r"\b(line|column|col) \d+|(?<=\S):\d+(:\d+)?\b")
GENERATED = re.compile(r"-[bcdfghkmt2456789]{10}\b")
"""The hash that kustomize appends to the name of a generated object: it changes with every edit."""


def fingerprinted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings with their fingerprints; those that nothing tells apart are numbered in their order."""
    seen: Counter[str] = Counter()
    for finding in findings:
        known = "\0".join(
            (finding.rule, finding.environment, str(finding.object or ""), finding.field, finding.message, finding.place.path, finding.reconciler)
        )
        stable = " ".join(GENERATED.sub("", POSITION.sub("", known)).split())
        seen[stable] += 1
        ordinal = f"\0{seen[stable]}" if seen[stable] > 1 else ""
        yield replace(finding, fingerprint=sha256((stable + ordinal).encode("utf-8", "backslashreplace")).hexdigest())
