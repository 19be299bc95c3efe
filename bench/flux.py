"""Flux repositories of a size that companies have: 65 Kustomizations and 65 HelmReleases of local charts in each environment."""

from __future__ import annotations

from pathlib import Path

from manifests import Object, block, workload

COMPONENTS = 65
CHARTS = 8
URL = "https://git.example.com/platform.git"
CHANGED = "apps/component-07/overlays/{overlay}/values.yaml"


def write(folder: Path, environments: int, overlays: int) -> Path:
    """Write a repository whose environments take turns with that many overlays: with fewer overlays than environments, they share content."""
    for chart in range(CHARTS):
        write_chart(folder / f"charts/chart-{chart}", chart)
    for number in range(COMPONENTS):
        name = f"component-{number:02}"
        put(folder / f"apps/{name}/base/kustomization.yaml", base(name))
        put(folder / f"apps/{name}/base/release.yaml", namespace(name), release(name, number % CHARTS))
        put(folder / f"apps/{name}/base/values.yaml", {"replicas": 1, "shards": [{"name": f"shard-{n}", "weight": n} for n in range(4)]})
        put(folder / f"apps/{name}/base/name-references.yaml", NAME_REFERENCES)
        for overlay in range(overlays):
            put(folder / f"apps/{name}/overlays/{overlay}/kustomization.yaml", overlaid(name))
            put(
                folder / f"apps/{name}/overlays/{overlay}/values.yaml",
                {"replicas": 1 + overlay + number % 3, "host": f"{name}-{overlay}.example.com"},
            )
    for environment in range(environments):
        entry = folder / f"clusters/env-{environment:03}"
        put(entry / "flux-system/gotk-sync.yaml", REPOSITORY, kustomization("flux-system", f"./clusters/env-{environment:03}"))
        put(entry / "apps.yaml", *(component(number, environment % overlays) for number in range(COMPONENTS)))
    return folder


def put(path: Path, *documents: Object) -> None:
    """Write documents to one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(map(block, documents)))


def kustomization(name: str, path: str) -> Object:
    """A Flux Kustomization of this repository."""
    spec = {"interval": "10m", "path": path, "prune": True, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": spec,
    }


def component(number: int, overlay: int) -> Object:
    """The Kustomization of one component; each fifth waits for its predecessor."""
    result = kustomization(f"component-{number:02}", f"./apps/component-{number:02}/overlays/{overlay}")
    if number % 5 == 4:
        result["spec"]["dependsOn"] = [{"name": f"component-{number - 1:02}"}]
    return result


def base(name: str) -> Object:
    """What all environments share of a component."""
    generator = {"name": "values", "namespace": name, "files": ["values.yaml"]}
    return kustomize(resources=["release.yaml"], configMapGenerator=[generator], configurations=["name-references.yaml"])


def overlaid(name: str) -> Object:
    """One environment's view of a component."""
    generator = {"name": "values", "namespace": name, "behavior": "merge", "files": ["overlay.yaml=values.yaml"]}
    return kustomize(resources=["../../base"], configMapGenerator=[generator], namespace=name)


def kustomize(**fields: object) -> Object:
    """A kustomization.yaml."""
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **fields}


def namespace(name: str) -> Object:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def release(name: str, chart: int) -> Object:
    """A HelmRelease of a local chart, with values from both generated files."""
    source = {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}
    values = [{"kind": "ConfigMap", "name": "values", "valuesKey": key} for key in ("values.yaml", "overlay.yaml")]
    spec = {"interval": "1h", "chart": {"spec": {"chart": f"./charts/chart-{chart}", "sourceRef": source}}, "valuesFrom": values}
    return {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": name, "namespace": name}, "spec": spec}


def write_chart(folder: Path, number: int) -> None:
    """A chart of a Deployment, a Service, an Ingress, and a ConfigMap for each shard."""
    put(folder / "Chart.yaml", {"apiVersion": "v2", "name": f"chart-{number}", "version": f"1.{number}.0"})
    put(folder / "values.yaml", {"replicas": 1, "host": "", "shards": []})
    templates = folder / "templates"
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "NAME"}, "spec": {"replicas": 0, **workload(number)["spec"]}}
    templates.mkdir(parents=True, exist_ok=True)
    (templates / "deployment.yaml").write_text(
        block(deployment).replace('"NAME"', "{{ .Release.Name }}").replace("replicas: 0", "replicas: {{ .Values.replicas }}")
    )
    (templates / "service.yaml").write_text(SERVICE.replace("APP", f"app-{number}"))
    (templates / "ingress.yaml").write_text(INGRESS)
    (templates / "shards.yaml").write_text(SHARDS)


REPOSITORY: Object = {
    "apiVersion": "source.toolkit.fluxcd.io/v1",
    "kind": "GitRepository",
    "metadata": {"name": "flux-system", "namespace": "flux-system"},
    "spec": {"interval": "1m", "ref": {"branch": "main"}, "url": URL},
}
NAME_REFERENCES: Object = {
    "nameReference": [{"kind": "ConfigMap", "version": "v1", "fieldSpecs": [{"kind": "HelmRelease", "path": "spec/valuesFrom/name"}]}]
}
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    app: APP
  ports:
    - name: http
      port: 80
      targetPort: http
"""
INGRESS = """\
{{- if .Values.host }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .Release.Name }}
spec:
  rules:
    - host: {{ .Values.host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ .Release.Name }}
                port:
                  number: 80
{{- end }}
"""
SHARDS = """\
{{- range .Values.shards }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-{{ .name }}
data:
  weight: {{ .weight | quote }}
{{- end }}
"""
