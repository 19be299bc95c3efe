"""What kustomize-controller is told to leave alone is not applied: `render` does not print it, and nobody judges it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitops_validate.cli.entry import run

from .written import APPS

REFUSED = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: default, {marks}}}\ndata: {{a: 1}}\n"
GROUP = "kustomize.toolkit.fluxcd.io"


@pytest.mark.parametrize(
    ("marks", "applied"),
    [
        (f"annotations: {{{GROUP}/ssa: Ignore}}", False),
        (f"annotations: {{{GROUP}/reconcile: disabled}}", False),
        (f"labels: {{{GROUP}/ssa: ignore}}", False),
        (f"annotations: {{{GROUP}/ssa: Merge}}", True),
        (f"annotations: {{{GROUP}/prune: disabled}}", True),
    ],
)
def test_what_is_left_alone_is_neither_printed_nor_judged(marks: str, applied: bool, tmp_path: Path) -> None:
    files = {"clusters/dev/apps.yaml": APPS, "apps/settings.yaml": REFUSED.format(marks=marks)}
    for name, text in files.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    out = tmp_path / "out.yaml"
    run(["render", str(tmp_path / "repo"), "--env", "dev", "--no-cache", "--offline", "--output", str(out)])
    kinds = {thing["kind"] for thing in yaml.safe_load_all(out.read_text()) if thing}
    assert ("ConfigMap" in kinds) is applied
    assert run(["check", str(tmp_path / "repo"), "--no-cache", "--offline"]) == int(applied)
