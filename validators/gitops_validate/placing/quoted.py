"""What the messages of kustomize and Helm quote: fields, ids, names and patches, by which the lines are found that they do not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gitops_validate.model.manifest import Repo

MOST = 50
"""Quotations of one message that a file is looked through for."""
PATTERNS = (
    r"(?=['\"`]([^'\"`\n]+)['\"`])",  # strings
    r"(?<=\s)(/[^\s:]+)",  # JSON Pointers
    r"\b[A-Z]\w{1,63}+\.[\w\[\]]{1,63}+\.[^\s/]{1,253}+/([\w.-]{1,253})\.[\w\[\]-]+",  # the name in kustomize's `Kind.version.group/name.namespace`
    r"struct field [\w.]*\.(\w+) of",  # a field of its types
    r"\b(kind|apiVersion) (?:for \w+ )?should be",
    r"\b(namespace) transformation",
    r"requires (kubeVersion)",
    r"literal source ([^\s,]+),",
    r"Unexpected kind: (\S+)",  # the operation of a JSON patch
    r"\bpath: ([^\s\"'/][^\s\"']*)",
)
QUOTED = re.compile("|".join(PATTERNS))


class Line(NamedTuple):
    """A text in a file: its line, and the columns in which it begins and ends, from 1."""

    path: str
    line: int
    column: int
    end: int


def quoted(message: str) -> list[str]:
    """What a message quotes, the longest first."""
    return sorted({found[found.lastindex or 0] for found in QUOTED.finditer(message)}, key=lambda text: (-len(text), text))[:MOST]


def lines(repo: Repo, path: str, text: str) -> Iterator[Line]:
    """The lines of a manifest that hold a text as a whole word."""
    written = (repo.root / path).read_text("utf-8", "replace").splitlines() if path in repo.files and repo.files[path].manifests else []
    pattern = whole(text)
    for number, line in enumerate(written, 1):
        match = None if line.lstrip().startswith("#") else pattern.search(line)
        if match:
            yield Line(path, number, match.start(1) + 1, match.end(1) + 1)


def whole(text: str) -> re.Pattern[str]:
    """Where a text stands as a whole word."""
    return re.compile(rf"(?:^|[\s'\":=\[{{]|\./)({re.escape(text)})(?:$|[\s'\":=,\]}}])")
