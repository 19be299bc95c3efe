"""kubeconform's fixtures (yannh/kubeconform, e65429b): what its acceptance tests pass is accepted, what they fail is refused or has no schema.

Not the same, and left out: what it is told to skip, reject, reuse or fetch.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests_command import said_of

REPOSITORY = "kubeconform"
PASSED = (
    "blank.yaml comment.yaml folder generate_name.yaml int_or_string.yaml list_empty_valid.yaml list_valid.yaml multi_valid.yaml null_array.yaml"
    " null_string.yaml quantity.yaml valid.json valid.yaml"
)
FAILED = (
    "duplicate_property.yaml extra_property.yaml invalid.yaml list_invalid.yaml missing_apiversion.yaml missing_kind.yaml missing_kind_value.yaml"
    " multi_invalid.yaml multi_invalid_resources.yaml"
)
"""The first two where it is asked to be strict."""
UNKNOWN = "httpproxy.yaml test_crd.yaml grafana-alert-rule-group-sample.yaml"


@pytest.mark.parametrize(
    ("names", "outcome"), [(PASSED, (False, False)), (FAILED, (True, False)), (UNKNOWN, (False, True))], ids=["passed", "failed", "unknown"]
)
def test_its_files_come_out_as_its_acceptance_tests_say(
    names: str, outcome: tuple[bool, bool], published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for name in names.split():
        said = said_of(capsys, published / "fixtures" / name)
        found[name] = (any(each["severity"] == "error" for each in said["findings"]), any(each["what"] == "no-schema" for each in said["incomplete"]))
    assert found == dict.fromkeys(names.split(), outcome)
