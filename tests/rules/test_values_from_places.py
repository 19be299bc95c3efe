"""The entry of valuesFrom that fails is the one that is told, whatever the other entries are."""

from __future__ import annotations

import pytest

RELEASE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: web}
data: {values.yaml: "a: b"}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: login, namespace: web}
spec: {target: {name: login}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: web}
spec:
  interval: 1h
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
  valuesFrom:
    - {kind: Secret, name: login}
    - {kind: ConfigMap, name: web}
"""
CHART = {"charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"}
NO_KEY = "    - kind: ConfigMap\n      name: web\n      valuesKey: more\n"
NOT_THERE = "    - kind: ConfigMap\n      name: absent\n"


@pytest.mark.parametrize(("more", "line"), [(NO_KEY, 22), (NO_KEY + NOT_THERE, 22), (NOT_THERE, 21), (NOT_THERE + NO_KEY, 21)])
def test_the_first_entry_that_fails_is_told(checked, more: str, line: int) -> None:
    outcome = checked({"clusters/dev/web.yaml": RELEASE + more, **CHART})
    assert [found.place.line for found in outcome.report.findings if found.rule == "dangling-values-from"] == [line]
