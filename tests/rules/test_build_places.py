"""A build that fails in a base, a component or a patch is told where somebody has to edit, not where the build begins.

All faults stand in one repository, each below a Kustomization of its own: an overlay that takes in a base and a component.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.finding import Finding

FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec:
  interval: 10m
  path: ./{name}/{folder}
  prune: true
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
PART = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
BASE, OVERLAY, COMPONENT = "base/kustomization.yaml", "overlay/kustomization.yaml", "component/kustomization.yaml"
PATCH, SETTINGS = "component/patch.yaml", "base/settings.yaml"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\ndata:\n  a: b\n"
SOUND = {
    OVERLAY: f"{HEAD}resources:\n  - ../base\ncomponents:\n  - ../component\n",
    BASE: f"{HEAD}resources:\n  - settings.yaml\n",
    SETTINGS: MAP,
    COMPONENT: f"{PART}patches:\n  - path: patch.yaml\n",
    PATCH: MAP.replace("a: b", "c: d"),
}
LISTS = f"{HEAD}resources:\n  - settings.yaml\n"
NAMED = "patches:\n  - target: {kind: ConfigMap, name: settings}\n    path: patch.yaml\n"
REPLACES = "replacements:\n  - source: {kind: ConfigMap, name: settings, fieldPath: data.a}\n    targets:\n"
DECLARES = "  patches:\n    - target: {kind: ConfigMap}\n      patch: |\n        - op: remove\n          path: /data/absent\n"

FAULTS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "patch-of-nothing": ({PATCH: MAP.replace("name: settings", "name: setting")}, f"{PATCH}:4"),
    "patch-without-a-name": ({PATCH: "apiVersion: v1\nkind: ConfigMap\ndata: {a: c}\n"}, f"{PATCH}:1"),
    "patch-file-that-is-not-there": ({COMPONENT: f"{PART}patches:\n  - path: patches.yaml\n"}, f"{COMPONENT}:4"),
    "inline-patch-of-an-absent-field": (
        {COMPONENT: f"{PART}patches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n      - op: remove\n        path: /data/absent\n"},
        f"{COMPONENT}:7",
    ),
    "patch-of-an-absent-field": ({COMPONENT: f"{PART}{NAMED}", PATCH: "- op: replace\n  path: /spec/replicas\n  value: 3\n"}, f"{PATCH}:2"),
    "test-that-fails": ({COMPONENT: f"{PART}{NAMED}", PATCH: "- op: test\n  path: /data/a\n  value: x\n"}, f"{PATCH}:2"),
    "operation-that-is-none": ({COMPONENT: f"{PART}{NAMED}", PATCH: "- op: replaces\n  path: /data/a\n  value: x\n"}, f"{PATCH}:1"),
    "patch-said-twice": ({COMPONENT: f"{PART}patches:\n  - path: patch.yaml\n    patch: 'a: b'\n"}, f"{COMPONENT}:4"),
    "unknown-field-of-a-component": ({COMPONENT: f"{PART}patchez:\n  - path: patch.yaml\n"}, f"{COMPONENT}:3"),
    "unknown-field-of-a-base": ({BASE: f"{HEAD}resourcez:\n  - settings.yaml\n"}, f"{BASE}:3"),
    "field-of-another-type": ({BASE: f"{LISTS}images:\n  - name: a\n    newTag: 1\n"}, f"{BASE}:7"),
    "kind-that-is-none": ({BASE: LISTS.replace("kind: K", "kind: C")}, f"{BASE}:2"),
    "component-that-is-none": ({COMPONENT: f"{HEAD}patches:\n  - path: patch.yaml\n"}, f"{COMPONENT}:2"),
    "component-as-a-resource": ({OVERLAY: f"{HEAD}resources:\n  - ../base\n  - ../component\n"}, f"{OVERLAY}:5"),
    "cycle": ({BASE: f"{LISTS}  - ../overlay\n"}, f"{BASE}:5"),
    "same-object-in-two-files": ({BASE: f"{LISTS}  - again.yaml\n", "base/again.yaml": MAP}, "base/again.yaml:4"),
    "same-object-in-one-file": ({SETTINGS: f"{MAP}---\n{MAP}"}, f"{SETTINGS}:12"),
    "file-that-is-listed-twice": ({BASE: f"{LISTS}  - settings.yaml\n"}, f"{BASE}:5"),
    "base-that-is-taken-in-twice": (
        {OVERLAY: f"{HEAD}resources:\n  - ../base\n  - ../other\n", "other/kustomization.yaml": f"{HEAD}resources:\n  - ../base\n"},
        f"{OVERLAY}:5",
    ),
    "document-without-a-name": ({SETTINGS: f"{MAP}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  namespace: default\n"}, f"{SETTINGS}:9"),
    "document-without-a-kind": ({SETTINGS: f"{MAP}---\napiVersion: v1\nmetadata:\n  name: other\n"}, f"{SETTINGS}:9"),
    "generator-that-merges-nothing": ({BASE: f"{LISTS}configMapGenerator:\n  - name: x\n    behavior: merge\n    literals: [a=b]\n"}, f"{BASE}:6"),
    "literal-without-a-key": ({BASE: f"{LISTS}configMapGenerator:\n  - name: x\n    literals: [nothing]\n"}, f"{BASE}:7"),
    "literal-that-is-said-twice": (
        {BASE: f"{LISTS}configMapGenerator:\n  - name: x\n    literals: [a=b]\n  - name: z\n    literals:\n      - k=1\n      - k=2\n"},
        f"{BASE}:11",
    ),
    "generator-that-is-there-already": (
        {BASE: f"{LISTS}configMapGenerator:\n  - name: x\n    literals: [a=b]\n  - name: x\n    literals: [c=d]\n"},
        f"{BASE}:8",
    ),
    "patch-of-another-namespace": ({PATCH: MAP.replace("namespace: default", "namespace: shop")}, f"{PATCH}:5"),
    "inline-patch-that-is-no-yaml": (
        {COMPONENT: f"{PART}patches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n      - op: add\n       path: /data/x\n"},
        f"{COMPONENT}:7",
    ),
    "folder-that-is-a-part-of-a-word": ({BASE: f"{LISTS}  - config\n", "base/config/a.yaml": MAP}, f"{BASE}:5"),
    "replacement-of-nothing": (
        {COMPONENT: f"{PART}{REPLACES}      - select: {{kind: ConfigMap}}\n        fieldPaths: [data.b.c]\n"},
        f"{COMPONENT}:7",
    ),
    "replacement-by-nothing": (
        {COMPONENT: f"{PART}{REPLACES.replace('settings', 'absent')}      - select: {{kind: ConfigMap}}\n        fieldPaths: [data.a]\n"},
        f"{COMPONENT}:4",
    ),
    "namespace-of-two-namesakes": (
        {
            BASE: f"{LISTS}  - again.yaml\n",
            "base/again.yaml": MAP.replace("default", "other"),
            OVERLAY: f"{HEAD}namespace: shop\nresources:\n  - ../base\n",
        },
        f"{OVERLAY}:3",
    ),
    "patch-that-flux-adds": ({"flux": DECLARES}, "clusters/dev/patch-that-flux-adds.yaml:13"),
    "patch-that-flux-adds-and-cannot-read": (
        {"flux": "  patches:\n    - target: {kind: ConfigMap}\n      patch: '[]'\n    - target: {kind: ConfigMap}\n      patch: 'a: [b'\n"},
        "clusters/dev/patch-that-flux-adds-and-cannot-read.yaml:13",
    ),
    "patch-that-begins-like-json": (
        {COMPONENT: f"{PART}patches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n      [{{op: add, path: /data/c, value: d}}]\n"},
        f"{COMPONENT}:6",
    ),
    "component-that-flux-adds": ({"flux": "  components:\n    - ../absent\n"}, "clusters/dev/component-that-flux-adds.yaml:10"),
    "same-object-in-a-plain-folder": ({"flux": "", "plain/a.yaml": MAP, "plain/b.yaml": MAP}, "plain/b.yaml:4"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Finding]]:
    """What is found of each fault."""
    root = tmp_path_factory.mktemp("repo")
    for name, (files, _) in {**FAULTS, "sound": ({}, "")}.items():
        folder = "plain" if "plain/a.yaml" in files else "overlay"
        declared = FLUX.format(name=name, folder=folder) + files.get("flux", "")
        written = {f"clusters/dev/{name}.yaml": declared} | {f"{name}/{path}": text for path, text in {**SOUND, **files}.items() if path != "flux"}
        for path, text in written.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
    found = [finding for finding in check(Options(path=root, cache=False)).findings if finding.rule in ("kustomize-build", "missing-path")]
    return {name: [finding for finding in found if finding.message.startswith(f"Kustomization/flux-system/{name} ")] for name in (*FAULTS, "sound")}


@pytest.mark.parametrize("name", FAULTS)
def test_a_failed_build_is_told_where_it_fails(told: Mapping[str, list[Finding]], name: str) -> None:
    expected = FAULTS[name][1]
    here = expected if expected.startswith("clusters/") else f"{name}/{expected}"
    assert [f"{finding.place.path}:{finding.place.line}" for finding in told[name]] == [here]


def test_what_is_sound_is_built(told: Mapping[str, list[Finding]]) -> None:
    assert told["sound"] == []


def test_a_message_names_objects_as_kustomize_writes_them_elsewhere_and_never_prints_them(told: Mapping[str, list[Finding]]) -> None:
    assert "id ConfigMap.v1.[noGrp]/x.[noNs] does not exist" in told["generator-that-merges-nothing"][0].message
    assert told["namespace-of-two-namesakes"][0].message.endswith("produces ID conflict: ConfigMap.v1.[noGrp]/settings.shop")
    assert "\\" not in told["patch-of-nothing"][0].message
