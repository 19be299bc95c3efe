"""Fields of a kustomization may hold anything: what is wrong with them the build says, and no rule stumbles."""

from __future__ import annotations

import pytest

APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 10m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n"


@pytest.mark.parametrize(
    "odd",
    [
        "resources: 5",
        "resources: [a.yaml, {}]\npatches: [{target: {kind: [1], name: 5}, patch: '- op: remove'}]",
        "resources: [a.yaml]\nconfigMapGenerator: 7\npatches: [{target: {kind: X}, patch: x}]",
        "resources: [a.yaml]\npatches: [5, {target: []}, {path: [], target: {kind: X}}]\nreplacements: [{targets: [{select: 5}, 7]}, 7]",
        "resources: [a.yaml]\npatches: [{target: {labelSelector: 5, name: '(a+)+b'}, patch: '- op: remove'}]",
        "components: 1\nbases: x\nnamePrefix: [1]\nnamespace: {}\nlabels: 5\ncommonLabels: [a]\nimages: {a: b}",
    ],
)
def test_no_rule_stumbles(checked, odd: str) -> None:
    report = checked({"clusters/dev/apps.yaml": APPS, "apps/a.yaml": SETTINGS, "apps/kustomization.yaml": f"{odd}\n"}).report
    assert not [gap.reason for gap in report.incomplete if gap.what == "rule"]
