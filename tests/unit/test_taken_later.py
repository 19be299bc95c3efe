"""A refusal that a later Kubernetes takes back says so: who runs it, or has the gate open, need not guess."""

from pathlib import Path

from gitops_validate.check import Options, check

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  minReplicas: %d
  maxReplicas: 1
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: External, external: {metric: {name: probe_success}, target: {type: Value, value: "1"}}}]
"""


def _fixes(root: Path, replicas: int, configuration: str = "") -> list[str]:
    (root / "clusters/dev").mkdir(parents=True)
    (root / "clusters/dev/scaler.yaml").write_text(SCALER % replicas)
    if configuration:
        (root / ".gitops-validate.yaml").write_text(configuration)
    return [found.fix for found in check(Options(root, offline=True, cache=False)).findings if found.rule == "api-verdict"]


def test_what_a_later_version_takes_is_told_with_the_refusal(tmp_path: Path) -> None:
    assert [fix.partition(":")[0] for fix in _fixes(tmp_path, 0)] == ["Kubernetes 1.37 takes it"]


def test_what_no_version_takes_is_only_refused(tmp_path: Path) -> None:
    assert _fixes(tmp_path, -1) == [""]


def test_an_open_gate_is_heeded(tmp_path: Path) -> None:
    assert _fixes(tmp_path, 0, "version: 1\nfeature-gates: {HPAScaleToZero: true}\n") == []
