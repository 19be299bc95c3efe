from __future__ import annotations

import re

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import dig, mapping, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import HelmRelease, RenderedObject
from gitops_validate.rule import Problems, rule

EXACT = re.compile(r"\A[=v]*[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9A-Za-z.-]{1,99})?(\+[0-9A-Za-z.-]{1,99})?")
"""A version that only one chart has."""
FIX = "name one version; Renovate proposes the next"


@rule(Severity.WARNING)
def floating_chart_version(existing: Existing) -> Problems:
    """A chart whose version is a range, or is left open.

    Each new version reaches every environment at once and without a merge request: nobody has reviewed it, `gitops-validate` has checked another one,
    and a rollback of the repository rolls nothing back. Flux takes the newest chart where no version is given, and the tag `latest` of an artifact.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      layerSelector:
        mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
        operation: copy
      ref:
        semver: ">=1.0.0" # finding
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      layerSelector:
        mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
        operation: copy
      ref:
        tag: 1.4.2
    ```
    """
    for release in (render.reconciler for render in existing.rendered.renders if isinstance(render.reconciler, HelmRelease)):
        chart = mapping(dig(release.spec, "chart", "spec"))
        version = text(chart.get("version"))
        if dig(chart, "sourceRef", "kind") == "HelmRepository" and not EXACT.fullmatch(version):
            steps = ("chart", "spec", "version") if version else ("chart", "spec", "chart")
            yield Problem(release.at(*steps), f"{release.ref} installs {_said(version)} of the chart {text(chart.get('chart'))}", FIX)
    used = {link.source(render.reconciler) for render in existing.rendered.renders if isinstance(render.reconciler, HelmRelease)}
    for source in existing.of("OCIRepository", link.SOURCE):
        holds = text(source.get("spec", "layerSelector", "mediaType")).startswith("application/vnd.cncf.helm.chart")
        if holds or ReconcilerRef("OCIRepository", source.ref.namespace, source.ref.name) in used:
            yield from _of_artifact(source)


def _of_artifact(source: RenderedObject) -> Problems:
    named = mapping(source.get("spec", "ref"))
    field = "semver" if named.get("semver") else "tag"
    version = text(named.get(field))
    floats = not EXACT.fullmatch(version) if field == "semver" else version in ("", "latest")
    if floats and not named.get("digest"):
        at = source.at("spec", "ref", field) if version else source.at("spec", "url")
        yield Problem(at, f"{source.ref} takes {_said(version)} of {text(source.get('spec', 'url'))}", FIX)


def _said(version: str) -> str:
    return f"any version that fits {version!r}" if version not in ("", "latest") else "whatever version is the latest"
