"""One fault at a time in the example platform: exactly one rule speaks, and only at the line that a person has to edit."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from planted_references import FAULTS as REFERENCES

from gitops_validate.check import Options, check

ACME = Path(__file__).parents[2] / "examples/acme"
REGISTRY = "platform/model-registry"
API = "workloads/prediction-api"
CHART = "charts/model-registry"


class Fault(NamedTuple):
    """In `file`, `old` becomes `new`; `rule` speaks at the line that holds `mark`, of the same file unless `place` names another."""

    story: str
    file: str
    old: str
    new: str
    rule: str
    mark: str
    place: str = ""


FAULTS = [
    Fault("broken-yaml", f"{API}/base/deployment.yaml", "drop: [ALL]", "drop: [ALL", "yaml-syntax", "drop: [ALL"),
    Fault("duplicate-key", f"{API}/base/service.yaml", "targetPort: http", "targetPort: http\n      port: 81", "duplicate-key", "port: 81"),
    Fault("port-too-high", f"{API}/base/deployment.yaml", "containerPort: 8080", "containerPort: 80800", "api-verdict", "containerPort"),
    Fault("unknown-field", f"{API}/base/deployment.yaml", "replicas: 1", "replica: 1", "api-verdict", "replica: 1"),
    Fault("wrong-type", f"{API}/base/service.yaml", "port: 80", "port: eighty", "api-verdict", "port: eighty"),
    Fault("gone-api", f"{API}/base/disruption-budget.yaml", "policy/v1\n", "policy/v1beta1\n", "removed-api", "apiVersion"),
    Fault(
        "bad-value-in-a-patch",
        f"{REGISTRY}/config/overlays/dev/surface-defects.yaml",
        'version: "1.5.0"',
        'version: "1.5"',
        "api-verdict",
        "version:",
    ),
    Fault(
        "bad-value-below-a-patch",
        f"{REGISTRY}/config/base/surface-defects.yaml",
        "retentionDays: 90",
        "retentionDays: 9",
        "api-verdict",
        "retentionDays",
    ),
    Fault(
        "rule-of-a-definition",
        f"{REGISTRY}/config/overlays/stage/surface-defects.yaml",
        "  approvedBy: quality@acme.example\n",
        "",
        "api-verdict",
        "spec:",
    ),
    Fault("bad-value-of-a-chart", f"{REGISTRY}/controller/base/values.yaml", "memory: 512Mi", "memory: 100Mi", "api-verdict", "memory: 256Mi"),
    Fault(
        "bad-field-of-a-release", f"{REGISTRY}/controller/base/release.yaml", "interval: 1h", "interval: hourly", "api-verdict", "interval: hourly"
    ),
    Fault("misspelt-values-key", f"{REGISTRY}/controller/overlays/dev/values.yaml", "replicas: 1", "replica: 1", "unknown-values-key", "replica"),
    Fault(
        "misspelt-values-key-in-the-base", f"{REGISTRY}/controller/base/values.yaml", "className:", "classname:", "unknown-values-key", "classname"
    ),
    Fault(
        "values-against-the-schema", f"{REGISTRY}/controller/overlays/dev/values.yaml", "replicas: 1", "replicas: two", "invalid-values", "replicas"
    ),
    Fault(
        "values-of-nobody",
        f"{REGISTRY}/controller/base/release.yaml",
        "model-registry-values\n      valuesKey: overlay",
        "model-registry-value\n      valuesKey: overlay",
        "dangling-values-from",
        "name: model-registry-value\n",
    ),
    Fault("broken-template", f"{CHART}/templates/statefulset.yaml", "{{ .Values.replicas }}", "{{ .Values.replicas }", "helm-render", "replicas:"),
    Fault(
        "missing-dependency",
        "clusters/dev/workloads.yaml",
        "name: model-registry-config",
        "name: model-registry-conf",
        "dangling-depends-on",
        "registry-conf",
    ),
    Fault(
        "circle",
        "clusters/dev/platform.yaml",
        "  dependsOn:\n    - name: model-registry-controller",
        "  dependsOn:\n    - name: prediction-api",
        "depends-on-cycle",
        "name: prediction-api",
    ),
    Fault(
        "missing-source",
        "clusters/dev/workloads.yaml",
        "    name: flux-system",
        "    name: flux-sytem",
        "dangling-source-ref",
        "name: flux-sytem",
    ),
    Fault(
        "source-elsewhere",
        f"{REGISTRY}/controller/base/release.yaml",
        "        namespace: flux-system\n",
        "",
        "dangling-source-ref",
        "name: flux-system",
    ),
    Fault("missing-folder", "clusters/dev/workloads.yaml", "overlays/dev", "overlay/dev", "missing-path", "path:"),
    Fault("missing-file", f"{API}/base/kustomization.yaml", "- service.yaml", "- services.yaml", "missing-path", "- services.yaml"),
    Fault(
        "patch-of-nothing",
        f"{REGISTRY}/config/overlays/dev/surface-defects.yaml",
        "name: surface-defects",
        "name: defects",
        "kustomize-build",
        "name:",
    ),
    Fault(
        "unset-variable",
        "clusters/dev/cluster-settings.yaml",
        "CLUSTER_DOMAIN:",
        "CLUSTER_DOMAINE:",
        "unset-variable",
        "predict.${",
        f"{API}/base/route.yaml",
    ),
    Fault("remote", f"{API}/base/kustomization.yaml", "- service.yaml", "- https://files.example/service.yaml", "remote-reference", "https:"),
    Fault("outside", f"{API}/base/kustomization.yaml", "- service.yaml", "- ../../../../service.yaml", "outside-path", "../../../../"),
    Fault(
        "plain-secret",
        f"{REGISTRY}/controller/overlays/dev/secrets/model-registry-db.sops.yaml",
        "DATABASE_USER: ENC[",
        "DATABASE_HOST: postgres\n  DATABASE_USER: ENC[",
        "plaintext-secret",
        "DATABASE_HOST",
    ),
    Fault(
        "cut-ciphertext",
        f"{REGISTRY}/controller/overlays/dev/secrets/model-registry-db.sops.yaml",
        "DATABASE_USER: ENC[AES256_GCM,data:eYRLSfwJ4XeEJ6zvjcA=,iv:O5AeocZX",
        "DATABASE_USER: ENC[AES256_GCM,data:eYRLSfwJ4XeEJ6zvjcA=,iv:O5A",
        "sops-structure",
        "DATABASE_USER",
    ),
]


FAULTS += [Fault(*each) for each in REFERENCES]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.story)
def test_one_fault_makes_one_rule_speak_at_its_line(fault: Fault, tmp_path: Path):
    shutil.copytree(ACME, tmp_path, dirs_exist_ok=True)
    file = tmp_path / fault.file
    before = file.read_text(encoding="utf-8")
    assert fault.old in before
    file.write_text(before.replace(fault.old, fault.new, 1), encoding="utf-8")
    place = fault.place or fault.file
    text = (tmp_path / place).read_text(encoding="utf-8")
    assert text.count(fault.mark) >= 1
    line = text[: text.index(fault.mark)].count("\n") + 1
    report = check(Options(tmp_path, offline=True, cache=False, today=date(2026, 1, 15), workers=1))
    said = [f"{each.rule} {each.environment} {each.place.path}:{each.place.line} {each.message}" for each in report.findings]
    assert {(each.rule, each.place.path, each.place.line) for each in report.findings} == {(fault.rule, place, line)}, said
    assert {gap.what for gap in report.incomplete} == ({"remote"} if fault.rule == "remote-reference" else set())


def test_the_example_is_clean():
    report = check(Options(ACME, offline=True, cache=False, today=date(2026, 1, 15)))
    assert report.findings == ()
    assert report.incomplete == ()
    assert report.summary.checked == report.summary.objects
