"""The hooks of a release reach the cluster only where helm-controller runs them, and its chart is the one that its HelmChart says."""

from pathlib import Path

import pytest

from gitops_validate.model.render import RenderedObject
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
    assert {thing.ref.name for thing in rendered(tmp_path, files) if thing.ref.kind == "ConfigMap"} == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", {"installed", "upgraded", "both"}),
        ("  install: {disableHooks: true}\n", {"upgraded", "both"}),
        ("  install: {disableHooks: true}\n  upgrade: {disableHooks: true}\n", set()),
    ],
)
def test_hooks_of_an_action_that_runs_none_do_not_arrive(tmp_path: Path, spec: str, expected: set[str]) -> None:
    hooks = {"installed": "post-install", "upgraded": "pre-upgrade", "both": "post-install,pre-upgrade"}
    files = {"clusters/dev/app.yaml": RELEASE + spec, "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n"}
    files |= {f"charts/app/templates/{name}.yaml": OBJECT.format(name=name, hook=f'helm.sh/hook: "{events}"') for name, events in hooks.items()}
    assert {thing.ref.name for thing in rendered(tmp_path, files) if thing.ref.kind == "ConfigMap"} == expected


def test_the_values_files_of_a_helm_chart_that_is_referred_to_count(tmp_path: Path) -> None:
    chart = """\
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: app, namespace: flux-system}
spec: {chart: ./charts/app, valuesFiles: [charts/app/dev.yaml, charts/app/none.yaml], ignoreMissingValuesFiles: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""
    source, release = RELEASE.split("---\n")
    reference = f"{release.partition('  chart:')[0]}  chartRef: {{kind: HelmChart, name: app, namespace: flux-system}}\n"
    files = {
        "clusters/dev/app.yaml": f"{source}---\n{reference}{chart}",
        "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
        "charts/app/values.yaml": "name: default\n",
        "charts/app/dev.yaml": "name: dev\n",
        "charts/app/templates/plain.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Values.name }}'}\ndata: {version: '{{ .Chart.Version }}'}\n",
    }
    (thing,) = (thing for thing in rendered(tmp_path, files) if thing.ref.kind == "ConfigMap")
    assert (thing.ref.name, thing.data["data"]) == ("dev", {"version": "1.0.0+1"})


def rendered(root: Path, files: dict[str, str]) -> tuple[RenderedObject, ...]:
    """The objects of the only environment of a checkout."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    options = Options(root, offline=True, cache=False)
    with opened(options) as run:
        found, _ = rendered_environments(run, options)
    return found[0].objects
