"""Fields that a built-in kind does not have are not sent by kustomize-controller: `render` does not print them, and `check` tells of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitops_validate.cli.entry import run

from .written import APPS

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replica: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "registry.example/web:1.0", imagePullPolici: Always, ports: [{containerPort: 80, nam: http, 7: odd}]}
"""


def test_what_flux_does_not_send_is_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {"clusters/dev/apps.yaml": APPS, "apps/web.yaml": DEPLOYMENT}.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    arguments = [str(tmp_path / "repo"), "--no-cache", "--offline"]
    assert run(["render", *arguments, "--env", "dev", "--reconciler", "Kustomization/flux-system/apps"]) == 0
    (sent,) = (thing for thing in yaml.safe_load_all(capsys.readouterr().out) if thing["kind"] == "Deployment")
    assert "replica" not in sent["spec"]
    (container,) = sent["spec"]["template"]["spec"]["containers"]
    assert container == {"name": "web", "image": "registry.example/web:1.0", "ports": [{"containerPort": 80}]}
    assert run(["check", *arguments]) == 1
    said = capsys.readouterr().out
    assert [name for name in ("replica", "imagePullPolici", "nam", "7") if f".{name}: field not declared in schema" not in said] == []
