"""A claim with admin access to devices is refused in a namespace of the repository without the label for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_validate.cli.entry import run

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n"
CLAIM = """\
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: gpu, namespace: team}
spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.com, adminAccess: true}}]}}
"""
LABEL = '  labels: {resource.kubernetes.io/admin-access: "true"}\n'


@pytest.mark.parametrize(
    ("namespace", "fields"),
    [(NAMESPACE, ["spec.devices.requests[0].adminAccess"]), (NAMESPACE + LABEL, []), ("", [])],
    ids=["bare", "labelled", "unknown"],
)
def test_admin_access_follows_the_label(namespace: str, fields: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clusters/dev").mkdir(parents=True)
    (tmp_path / "clusters/dev/claim.yaml").write_text(f"{namespace}---\n{CLAIM}")
    run(["check", str(tmp_path), "--offline", "--no-cache", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [each["field"] for each in found if each["rule"] == "api-verdict"] == fields
