"""A chart finds the kinds of the controllers that render it: `.Capabilities.APIVersions` answers so in every cluster that Flux runs in.

Recorded of helm-controller 1.6.4, in a cluster where nothing in the repository brings Flux's definitions.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitops_validate.cli.entry import run

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: flux-system}}}
"""
MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: found}}\ndata: {{there: {{{{ .Capabilities.APIVersions.Has "{api}" | quote }}}} }}\n'


@pytest.mark.parametrize(
    ("api", "there"),
    [
        ("source.toolkit.fluxcd.io/v1", "true"),
        ("helm.toolkit.fluxcd.io/v2/HelmRelease", "true"),
        ("kustomize.toolkit.fluxcd.io/v1", "true"),
        ("image.toolkit.fluxcd.io/v1", "false"),  # of a controller that not everybody has
        ("monitoring.coreos.com/v1", "false"),
    ],
)
def test_a_chart_finds_the_kinds_of_the_controllers_that_render_it(api: str, there: str, tmp_path: Path) -> None:
    files = {
        "clusters/dev/web.yaml": RELEASE,
        "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "chart/templates/map.yaml": MAP.format(api=api),
    }
    for name, text in files.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    out = tmp_path / "out.yaml"
    run(["render", str(tmp_path / "repo"), "--env", "dev", "--no-cache", "--offline", "--output", str(out)])
    (found,) = (thing for thing in yaml.safe_load_all(out.read_text()) if thing and thing["kind"] == "ConfigMap")
    assert found["data"]["there"] == there
