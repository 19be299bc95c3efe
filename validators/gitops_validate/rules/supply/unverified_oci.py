from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping, text
from gitops_validate.existing.mirror import is_inside
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule

FIX = "add `verify` with who signs it, or pin the digest of what was looked at"


@rule(Severity.WARNING, Profile.STRICT)
def unverified_oci(existing: Existing) -> Problems:
    r"""An artifact of a registry that is taken without asking who made it.

    A tag is whatever somebody pushed last: whoever gets hold of the registry, or of the publisher's account, decides what runs here. With `verify`, Flux
    asks for a signature of cosign or notation before it takes the artifact. A digest settles it as well: what was reviewed is what is taken. Where the
    publisher signs nothing, waive the finding with that reason, or sign the copies in your own registry.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web # finding
      ref:
        tag: 1.4.2
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      ref:
        tag: 1.4.2
      verify:
        provider: cosign
        matchOIDCIdentity:
          - issuer: ^https://token\.actions\.githubusercontent\.com$
            subject: ^https://github\.com/example/web/\.github/workflows/release\.yaml@refs/tags/v.*$
    ```
    """
    for source in existing.of("OCIRepository", link.SOURCE):
        pinned = text(source.get("spec", "ref", "digest"))
        if not (pinned or mapping(source.get("spec", "verify")) or is_inside(text(source.get("spec", "url")))):
            yield Problem(source.at("spec", "url"), f"{source.ref} takes {text(source.get('spec', 'url'))} whoever made it", FIX)
    for chart, way in _charts(existing):
        spec = mapping(chart.get(*way))
        named = mapping(spec.get("sourceRef"))
        home = existing.any_object(link.SOURCE, text(named.get("kind")), text(named.get("namespace")) or chart.ref.namespace, text(named.get("name")))
        from_registry = home is not None and home.ref.kind == "HelmRepository" and home.get("spec", "type") == "oci"
        if home and from_registry and not mapping(spec.get("verify")) and not is_inside(text(home.get("spec", "url"))):
            message = f"{chart.ref} takes the chart {text(spec.get('chart'))} of {text(home.get('spec', 'url'))} whoever made it"
            yield Problem(chart.at(*way, "chart"), message, FIX.partition(", or")[0])


def _charts(existing: Existing) -> Iterator[tuple[RenderedObject, Route]]:
    """What names a chart of a HelmRepository, with the way to it."""
    yield from ((each, ("spec", "chart", "spec")) for each in existing.of("HelmRelease", link.HELM))
    yield from ((each, ("spec",)) for each in existing.of("HelmChart", link.SOURCE))
