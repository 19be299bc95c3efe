"""A value that a replacement puts somewhere is told at the field path that leads there."""

from __future__ import annotations

import pytest

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: source, namespace: default}
data: {wrong: Sometimes}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, annotations: {a.b/c: d}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: other, image: "web:1"}, {name: web, image: "web:1", imagePullPolicy: Always}]}
"""
SOURCE = "source: {kind: ConfigMap, name: source, fieldPath: data.wrong}\n"
TARGETS = "targets:\n  - select: {kind: Deployment, name: web}\n    fieldPaths:\n      - metadata.annotations.a\\.b/c\n      - %s\n"
POLICY = "spec.template.spec.containers.[name=web].imagePullPolicy"


def _indented(text: str) -> str:
    return "  - " + text.replace("\n", "\n    ").rstrip() + "\n"


@pytest.mark.parametrize("path", [POLICY, POLICY.replace("[name=web]", "1")])
def test_in_the_kustomization(checked, path: str) -> None:
    overlay = "resources: [web.yaml]\nreplacements:\n" + _indented(SOURCE + TARGETS % path)
    outcome = checked({"clusters/dev/kustomization.yaml": overlay, "clusters/dev/web.yaml": OBJECTS})
    assert outcome.lines == {("clusters/dev/kustomization.yaml", 8)}


@pytest.mark.parametrize(("begin", "line"), [("", 6), ("- ", 6)])
def test_in_a_file_that_it_names(checked, begin: str, line: int) -> None:
    written = SOURCE + TARGETS % POLICY
    files = {
        "clusters/dev/kustomization.yaml": "resources: [web.yaml]\nreplacements:\n  - path: replacement.yaml\n",
        "clusters/dev/replacement.yaml": begin + written.replace("\n", "\n  ").rstrip() + "\n" if begin else written,
        "clusters/dev/web.yaml": OBJECTS,
    }
    assert checked(files).lines == {("clusters/dev/replacement.yaml", line)}


def test_another_item_of_the_list_is_not_meant(checked) -> None:
    overlay = "resources: [web.yaml]\nreplacements:\n" + _indented(SOURCE + TARGETS % POLICY)
    outcome = checked(
        {
            "clusters/dev/kustomization.yaml": overlay,
            "clusters/dev/web.yaml": OBJECTS.replace("{name: other,", "{name: Other,").replace("Sometimes", "Never"),
        }
    )
    assert outcome.lines == {("clusters/dev/web.yaml", 13)}
