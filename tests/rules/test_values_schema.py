"""What a chart's schema of values leaves to documents elsewhere is not fetched, and is told: once, and without a word less of what is known."""

from __future__ import annotations

from typing import Any

ELSEWHERE = "https://schemas.example.org/v1/definitions.json"
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}, namespace: web}}
spec:
  interval: 1h
  chart: {{spec: {{chart: ./charts/web, sourceRef: {{kind: GitRepository, name: flux-system, namespace: flux-system}}}}}}
  values: {values}
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "replicas: 1\nresources: {}\n",
    "charts/web/values.schema.json": (
        '{"type": "object", "properties": {"replicas": {"type": "integer"}, "resources": {"$ref": "' + ELSEWHERE + '#/definitions/resources"}}}'
    ),
    "charts/web/templates/config.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"
        "  replicas: {{ .Values.replicas | quote }}\n  resources: {{ .Values.resources | toJson | quote }}\n"
    ),
    "clusters/dev/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n",
}


def test_it_is_told_once_and_what_is_known_is_judged_as_ever(checked: Any) -> None:
    releases = {
        f"clusters/{environment}/{name}.yaml": RELEASE.format(name=name, values="{replicas: 2, typo: 1}")
        for environment in ("dev", "prod")
        for name in ("one", "two")
    }
    outcome = checked({**CHART, "clusters/prod/namespace.yaml": CHART["clusters/dev/namespace.yaml"], **releases})
    assert [(gap.what, gap.subject, gap.environment) for gap in outcome.report.incomplete] == [("values-schema", ELSEWHERE, "")]
    assert outcome.rules == {"unknown-values-key"}
    assert outcome.report.summary.objects == 10


def test_it_can_be_accepted(checked: Any) -> None:
    config = f"version: 1\naccept:\n  - what: values-schema\n    subject: {ELSEWHERE}\n    reason: the chart's own tests hold it\n"
    files = {**CHART, "clusters/dev/one.yaml": RELEASE.format(name="one", values="{}"), ".gitops-validate.yaml": config}
    assert [gap.accepted for gap in checked(files).report.incomplete] == ["the chart's own tests hold it"]


def test_what_the_schema_says_itself_still_counts(checked: Any) -> None:
    assert checked({**CHART, "clusters/dev/one.yaml": RELEASE.format(name="one", values="{replicas: many}")}).rules == {"invalid-values"}
