"""spec.buildMetadata of a Kustomization leaves kustomize's annotations on what it builds; without it they are ours and come off."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitops_validate.cli.entry import run

from .written import APPS

OVERLAY = "resources: [map.yaml]\nnamePrefix: web-\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {a: b}\n"
ORIGIN, TRANSFORMATIONS = "config.kubernetes.io/origin", "alpha.config.kubernetes.io/transformations"


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("", set()),
        ("buildMetadata: [originAnnotations]", {ORIGIN}),
        ("buildMetadata: [originAnnotations, transformerAnnotations]", {ORIGIN, TRANSFORMATIONS}),
    ],
)
def test_the_annotations_that_are_asked_for_stay(asked: str, left: set[str], tmp_path: Path) -> None:
    files = {"clusters/dev/apps.yaml": f"{APPS}  {asked}\n", "apps/kustomization.yaml": OVERLAY, "apps/map.yaml": MAP}
    for name, text in files.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    out = tmp_path / "out.yaml"
    run(
        [
            "render",
            str(tmp_path / "repo"),
            "--env",
            "dev",
            "--no-cache",
            "--offline",
            "--reconciler",
            "Kustomization/flux-system/apps",
            "--output",
            str(out),
        ]
    )
    (settings,) = (thing for thing in yaml.safe_load_all(out.read_text()) if thing)
    annotations = settings["metadata"].get("annotations", {})
    assert set(annotations) == left
    if left:
        assert yaml.safe_load(annotations[ORIGIN]) == {"path": "map.yaml"}
