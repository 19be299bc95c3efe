"""flux-schema's testdata/validate (fluxcd/flux-schema, 9946a7c): its objects are accepted or refused as its tests say."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests_command import said_of

REPOSITORY = "flux-schema"
VALID, SEALED = "kind: HelmChart", "name: sops-secret"
"""What its tests call valid in a file of invalid ones; and what they call invalid in one of valid ones, as long as its field sops is not left out."""


def test_each_object_comes_out_as_the_name_of_its_file_says(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    agreed = 0
    for path in sorted((published / "cmd/flux-schema/testdata/validate/manifests").glob("*.yaml")):
        report = said_of(capsys, path)
        refused = {each["line"] for each in report["findings"] if each["severity"] == "error"}
        texts = _documents(path.read_text())
        documents = [number for number, _ in texts]
        wrong = {start for start, end in zip(documents, [*documents[1:], 10**6], strict=True) if any(start <= line < end for line in refused)}
        assert wrong == {number for number, text in texts if SEALED in text or (path.name.startswith("invalid") and VALID not in text)}, path.name
        agreed += len(documents)
    assert agreed == 32


def _documents(text: str) -> list[tuple[int, str]]:
    """The objects of a file, each with the line that it starts in."""
    found, line = [], 1
    for part in text.split("\n---"):
        if "kind:" in part:
            found.append((line, part))
        line += part.count("\n") + 1
    return found
