"""kubectl-validate's testcases (kubernetes-sigs/kubectl-validate, a97ccfac): what the name calls an error is refused, everything else is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests_command import said_of

REPOSITORY = "kubectl-validate"
OTHERWISE = {"configmap.yaml", "error_x_list_map_duplicate_key.yaml"}
"""A finalizer without a domain, which the API server refuses; a key that stands twice in a list map, which it refuses only where it is applied server-side."""


def test_its_files_come_out_as_their_names_say(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definitions = published / "testcases/crds"
    outcomes = {}
    for path in sorted((published / "testcases/manifests").glob("*.yaml")):
        findings = said_of(capsys, path, definitions)["findings"]
        outcomes[path.name] = any(path.name in each["path"] and each["severity"] == "error" for each in findings) == path.name.startswith("error_")
    assert {name for name, agrees in outcomes.items() if not agrees} == OTHERWISE
    assert len(outcomes) == 31
