"""Which files Renovate looks at, as its configuration in the checkout says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gitops_validate.existing.loose import dig, entries, mapping, text
from gitops_validate.model.manifest import Repo
from gitops_validate.patterns import LONGEST, REPEATS, may_match
from gitops_validate.placing.routes import strings

NAMES = ("renovate.json", ".renovaterc.json", ".github/renovate.json", ".gitlab/renovate.json")
OTHERS = ("renovate.json5", ".renovaterc", ".renovaterc.json5", ".github/renovate.json5", ".gitlab/renovate.json5")
DEFAULTS = {
    "flux": (r"/(?:^|/)gotk-components\.ya?ml$/",),
    "kustomize": (r"/(^|/)kustomization\.ya?ml$/",),
    "gitlabci": (r"/\.gitlab-ci\.ya?ml$/",),
    "dockerfile": (r"/(^|/|\.)([Dd]ocker|[Cc]ontainer)file$/", r"/(^|/)([Dd]ocker|[Cc]ontainer)file[^/]*$/"),
}
"""The patterns of the managers that read versions here, unless the configuration says otherwise."""
PATTERNS = ("managerFilePatterns", "fileMatch")


class Pattern(Struct, frozen=True):
    """A regular expression between slashes, or a glob; what cannot be compared safely matches everything."""

    written: str
    bare: bool = False
    """Whether it is an expression without slashes, as fileMatch has them."""

    def matches(self, path: str) -> bool:
        """Whether a file is meant."""
        is_regex = self.bare or (self.written.startswith("/") and self.written.rstrip("i").endswith("/"))
        body = self.written if self.bare or not is_regex else self.written.rstrip("i")[1:-1]
        if len(path) > LONGEST or len(body) > LONGEST:
            return True
        if not is_regex:
            plain = body.count("*") <= 2 * REPEATS and not any(character in body for character in "{}()[]!")
            return not plain or re.fullmatch(_of_glob(body), path) is not None
        return may_match(body, path)


def watching(repo: Repo, manager: str = "") -> list[Pattern] | None:
    """The patterns of files that Renovate looks at, by one of its managers if one is named, or by a custom one.

    None if it is not configured, or in a way that the checkout alone does not tell.
    """
    file = next((repo.files[name] for name in NAMES if name in repo.files), None)
    if file is None or not file.manifests or any(name in repo.digests for name in OTHERS):
        return None
    data = mapping(file.manifests[0].data)
    if any(not preset.startswith(("config:", ":")) for preset in strings(data.get("extends"))):
        return None
    return list(_patterns(data, manager))


def _patterns(data: dict[str, Any], manager: str) -> Iterator[Pattern]:
    enabled = set(strings(data.get("enabledManagers")))
    for each_manager, own in {**dict.fromkeys(data, ()), **DEFAULTS}.items():
        if manager in ("", each_manager) and (not enabled or each_manager in enabled):
            written = mapping(data.get(each_manager))
            given = [Pattern(each, field == "fileMatch") for field in PATTERNS for each in strings(written.get(field))]
            yield from given or (Pattern(each) for each in own)
    for _, custom in (*entries(data, "customManagers"), *entries(data, "regexManagers")):
        if not enabled or f"custom.{text(dig(custom, 'customType')) or 'regex'}" in enabled:
            yield from (Pattern(each, field == "fileMatch") for field in PATTERNS for each in strings(custom.get(field)))


def _of_glob(glob: str) -> str:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda found: parts.get(found[0]) or re.escape(found[0]), glob)
