"""What is wrong in a chart that lies in the checkout is told there: at the line of the template, of Chart.yaml, or of the release's own patch.

All faults stand in one repository, each in a chart and a release of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.finding import Finding
from gitops_validate.placing.templates import in_template

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: NAME
  namespace: default
spec:
  interval: 10m
  chart:
    spec:
      chart: ./charts/NAME
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  values:
    replicas: 2
"""
REPOSITORY = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://git.example/a.git", ref: {branch: main}}
"""
DESCRIPTION, TEMPLATE = "Chart.yaml", "templates/web.yaml"
DESCRIBED = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
WEB = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
{{- if .Values.replicas }}
        - name: sidecar
          image: "registry.example/sidecar:1.0"
{{- end }}
        - name: web
          image: "registry.example/web:1.0"
          ports:
            - name: http
              containerPort: 8080
"""
SOUND = {DESCRIPTION: DESCRIBED, "values.yaml": "replicas: 1\n", TEMPLATE: WEB}
DEFINITION = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: x.example.com\nspec:\n  group: example.com\n  scope: Everywhere\n  names: {plural: x, singular: x, kind: X, listKind: XList}\n  versions:\n    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n"
DEPENDENCY = f"{DESCRIBED}dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: https://charts.example\n"
PATCHED = "  postRenderers:\n    - kustomize:\n        patches:\n          - target: {kind: Deployment}\n            patch: |\n              - op: remove\n                path: /spec/absent\n"

PORT = WEB.replace("containerPort: 8080", "containerPort: {{ .Values.port }}")

FAULTS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "unknown-field": ({TEMPLATE: WEB.replace("  replicas:", "  replica:")}, f"{TEMPLATE}:14"),
    "wrong-type": ({TEMPLATE: WEB.replace("port: 80", "port: eighty", 1)}, f"{TEMPLATE}:7"),
    "second-item-of-a-list": ({TEMPLATE: WEB.replace("containerPort: 8080", "containerPort: 80800")}, f"{TEMPLATE}:30"),
    "between-braces": ({TEMPLATE: WEB.replace("  ports:\n    - port: 80\n", "  ports: [{port: eighty}]\n")}, f"{TEMPLATE}:6"),
    "carried-by-a-value": ({"release": RELEASE.replace("replicas: 2", "replicas: two")}, "release:13"),
    "definition": ({"crds/x.yaml": DEFINITION}, "crds/x.yaml:7"),
    "version-that-is-none": ({DESCRIPTION: DESCRIBED.replace("1.0.0", "one")}, f"{DESCRIPTION}:3"),
    "kubernetes-that-is-too-new": ({DESCRIPTION: f"{DESCRIBED}kubeVersion: '>=1.99'\n"}, f"{DESCRIPTION}:4"),
    "dependency-that-is-not-there": ({DESCRIPTION: DEPENDENCY}, f"{DESCRIPTION}:5"),
    "without-a-description": ({DESCRIPTION: ""}, "release:10"),
    "object-without-a-name": ({TEMPLATE: WEB.replace("{{ .Release.Name }}", "{{ .Values.absent }}", 1)}, f"{TEMPLATE}:0"),
    "object-that-is-there-already": ({"templates/again.yaml": WEB.partition("---")[0]}, f"{TEMPLATE}:0"),
    "patch-of-an-absent-field": ({"release": f"{RELEASE}{PATCHED}"}, "release:20"),
    "schema-that-is-no-json": ({"values.schema.json": '{\n"type": "object"\n"properties": {}}\n'}, "values.schema.json:3"),
    "dependency-without-a-repository": ({DESCRIPTION: f"{DESCRIBED}dependencies:\n  - name: redis\n    version: 1.0.0\n"}, f"{DESCRIPTION}:5"),
    "value-of-the-chart-itself": ({TEMPLATE: PORT, "values.yaml": "replicas: 1\nport: 80800\n"}, "values.yaml:2"),
    "value-that-another-has-too": (
        {TEMPLATE: PORT, "values.yaml": "port: 80\n", "release": RELEASE.replace("replicas: 2", "replicas: 80800\n    port: 80800")},
        "release:14",
    ),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Finding]]:
    """The errors that are found of each fault."""
    root = tmp_path_factory.mktemp("repo")
    (root / "clusters/dev").mkdir(parents=True)
    (root / "clusters/dev/source.yaml").write_text(REPOSITORY)
    for name, (files, _) in {**FAULTS, "sound": ({}, "")}.items():
        (root / f"clusters/dev/{name}.yaml").write_text(files.get("release", RELEASE).replace("NAME", name))
        for path, text in {**SOUND, **files}.items():
            if path != "release" and text:
                (root / f"charts/{name}/{path}").parent.mkdir(parents=True, exist_ok=True)
                (root / f"charts/{name}/{path}").write_text(text)
    errors = [finding for finding in check(Options(path=root, cache=False)).findings if finding.severity.name == "ERROR"]
    return {
        name: [finding for finding in errors if f"/{name}" in f"{finding.reconciler} {finding.message} {finding.place.path}"]
        for name in (*FAULTS, "sound")
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_chart_is_told_where_it_is_written(told: Mapping[str, list[Finding]], name: str) -> None:
    path = FAULTS[name][1].replace("release:", f"clusters/dev/{name}.yaml:")
    here = path if path.startswith("clusters/") else f"charts/{name}/{path}"
    assert {f"{finding.place.path}:{finding.place.line}" for finding in told[name]} == {here}


def test_what_is_sound_is_rendered(told: Mapping[str, list[Finding]]) -> None:
    assert told["sound"] == []


def test_the_annotation_by_which_helm_knows_a_template_is_not_told(told: Mapping[str, list[Finding]]) -> None:
    messages = [told[name][0].message for name in ("object-without-a-name", "object-that-is-there-already")]
    assert not any("postrender" in message for message in messages)


@pytest.mark.parametrize(
    ("text", "route", "line", "precision"),
    [
        ("{{ range .Values.all }}\n{{ toYaml . }}\n{{ end }}\n", ("spec",), 1, "file"),
        ('kind: "Deployment"\nspec: {{ toYaml .Values.spec }}\n', ("spec", "replicas"), 2, "template"),
        ("kind: Deployment\n{{ include `web.metadata` . }}\n", ("metadata", "name"), 1, "template"),
        ("# kind: Service\nkind: Deployment\nspec:\n{{- if true }}\n  paused: x\n{{- end }}\n  replicas: x\n", ("spec", "replicas"), 7, "template"),
        ("kind: Deployment\nspec:\n  items:\n  - a: 1\n  - a: 2\nother:\n  a: 3\n", ("spec", "items", 1, "a"), 5, "template"),
        ("kind: Deployment\nspec:\n  items:\n    {{- range . }}\n    - a: 1\n    {{- end }}\n", ("spec", "items", 4, "a"), 5, "template"),
    ],
)
def test_a_template_is_followed_as_far_as_it_writes_the_object_out(text: str, route: tuple[str | int, ...], line: int, precision: str) -> None:
    found = in_template("t.yaml", text, "Deployment", route)
    assert (found.line, found.precision) == (line, precision)
