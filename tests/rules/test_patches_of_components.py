"""Components that a Flux Kustomization adds to a path are built with what lies there: the patches of either may mean the objects of both."""

from __future__ import annotations

FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  components: [../component]
  sourceRef: {kind: GitRepository, name: flux-system}
"""
PATCH = 'patches:\n  - target: {kind: %s}\n    patch: \'[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]\'\n'
FILES = {
    "clusters/dev/apps.yaml": FLUX,
    "apps/kustomization.yaml": f"resources: [map.yaml]\n{PATCH % 'ServiceAccount'}",
    "apps/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: default}\n",
    "component/kustomization.yaml": (
        f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [account.yaml]\n{PATCH % 'ConfigMap'}"
    ),
    "component/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: default}\n",
}


def test_neither_is_idle(checked) -> None:
    assert checked(FILES).said == []


def test_one_that_means_nothing_of_either_is(checked) -> None:
    files = {path: text.replace("kind: ConfigMap}", "kind: Role}").replace("kind: ServiceAccount}", "kind: Role}") for path, text in FILES.items()}
    assert checked(files).lines == {("apps/kustomization.yaml", 3), ("component/kustomization.yaml", 5)}
