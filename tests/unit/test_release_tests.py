"""The tests of a release reach the cluster only where helm-controller is told to run them."""

from pathlib import Path

import pytest

from gitops_validate.run import Options, opened, rendered_environments

RELEASE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: https://git.example.org/fleet.git}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: app, namespace: default}
spec:
  interval: 1h
  chart: {spec: {chart: charts/app, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{{hook}}}}}\n"


@pytest.mark.parametrize(("spec", "expected"), [("", {"plain", "both"}), ("  test: {enable: true}\n", {"plain", "both", "trial"})])
def test_a_test_hook_arrives_only_where_tests_are_enabled(tmp_path: Path, spec: str, expected: set[str]) -> None:
    files = {
        "clusters/dev/app.yaml": RELEASE + spec,
        "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
        "charts/app/templates/plain.yaml": OBJECT.format(name="plain", hook=""),
        "charts/app/templates/both.yaml": OBJECT.format(name="both", hook='helm.sh/hook: "post-install,test"'),
        "charts/app/templates/trial.yaml": OBJECT.format(name="trial", hook="helm.sh/hook: test"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    options = Options(tmp_path, offline=True, cache=False)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    assert {thing.ref.name for thing in rendered[0].objects if thing.ref.kind == "ConfigMap"} == expected
