"""Each case is a way in which a change reaches prod that is easily overlooked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gitops_validate.check import Options
from gitops_validate.report.review.json import as_values
from gitops_validate.review import state
from gitops_validate.review.review import Asked, review

ROOT = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 1h, prune: true, path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""
BARE = ROOT.replace(" path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}", "")
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\ndata: {{level: info}}\n"
DEBUG = SETTINGS.format(name="dev").replace("info", "debug")
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}
  values: {level: info}
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: x}\n---\n{{ .Values.more }}\n",
}
APPS = ROOT.format(name="apps", path="./apps/prod")
HIDDEN = ROOT.format(name="hidden", path="./apps/dev")
DEV = {"apps/dev/settings.yaml": DEBUG}
ENTRY = "resources: [apps.yaml]\n"


def patched(entry: str, base: str = APPS, **more: str) -> dict[str, str]:
    """Prod with a Kustomization, and more in the kustomization that takes it in."""
    return {
        "clusters/prod/kustomization.yaml": f"{ENTRY}{entry}",
        "clusters/prod/apps.yaml": base,
        **{f"clusters/prod/{n}": t for n, t in more.items()},
    }


def inline(text: str, target: str = "{kind: Kustomization}") -> str:
    """A patch that stands in a kustomization."""
    return f"patches:\n- target: {target}\n  patch: |\n" + "".join(f"    {line}\n" for line in text.splitlines())


Case = tuple[dict[str, str], dict[str, str | None]]
CASES: dict[str, Case] = {
    "equals in a name": (
        {"clusters/prod/kustomization.yaml": "resources: [a=b.yaml]\n", "clusters/prod/a=b.yaml": SETTINGS.format(name="x")},
        {"clusters/prod/a=b.yaml": DEBUG},
    ),
    "a line break in a name": (
        {"clusters/prod/kustomization.yaml": 'resources: ["a\\nb.yaml"]\n', "clusters/prod/a\nb.yaml": SETTINGS.format(name="x")},
        {"clusters/prod/a\nb.yaml": DEBUG},
    ),
    "a second kustomization": (
        {"clusters/prod/kustomization.yaml": ENTRY, "clusters/prod/apps.yaml": APPS},
        {"clusters/prod/kustomization.yml": ENTRY},
    ),
    "templates as manifests": (
        {**CHART, "clusters/prod/apps.yaml": ROOT.format(name="apps", path="./plain"), "plain/Chart.yaml": CHART["charts/web/Chart.yaml"].replace("apiVersion: v2", "apiVersion: v2\nkind: Chart\nmetadata: {name: chart}"), "plain/templates/x.yaml": SETTINGS.format(name="x")},
        {"plain/templates/x.yaml": DEBUG},
    ),
    "a kustomization among templates": (
        {
            "clusters/prod/kustomization.yaml": "resources: [../../plain/templates/x]\n",
            "plain/Chart.yaml": CHART["charts/web/Chart.yaml"],
            "plain/templates/x/kustomization.yaml": "resources: [../../../apps/dev/settings.yaml]\n",
        },
        DEV,
    ),
    "a folder that is not walked": (
        {"clusters/prod/kustomization.yaml": "resources: [node_modules/x.yaml]\n", "clusters/prod/node_modules/x.yaml": SETTINGS.format(name="x")},
        {"clusters/prod/node_modules/x.yaml": DEBUG},
    ),
    "a folder that is not walked, unlisted": (
        {"clusters/prod/apps.yaml": APPS, "clusters/prod/.tox/x.yaml": SETTINGS.format(name="x")},
        {"clusters/prod/.tox/x.yaml": DEBUG},
    ),
    "ignored by a link": (
        {"clusters/prod/apps.yaml": APPS, ".sourceignore": "->ignored.txt", "ignored.txt": "# nothing\n"},
        {"ignored.txt": "/apps/prod/settings.yaml\n"},
    ),
    "neither path nor source": ({"clusters/prod/apps.yaml": BARE.format(name="apps")}, DEV),
    "a whole spec that is filled in": (
        {
            "clusters/prod/apps.yaml": f"{ROOT.format(name='more', path='./more')[:-2]}, postBuild: {{substitute: {{what: '{{path: ./apps/dev, interval: 1h, prune: true, sourceRef: {{kind: GitRepository, name: flux-system}}}}'}}}}}}\n",
            "more/all.yaml": BARE.format(name="apps").partition("spec:")[0] + "spec: ${what}\n",
        },
        DEV,
    ),
    "a chart that is filled in": (
        {
            **CHART,
            "clusters/prod/apps.yaml": f"{ROOT.format(name='more', path='./more')[:-2]}, postBuild: {{substitute: {{what: '{{spec: {{chart: charts/web, sourceRef: {{kind: GitRepository, name: flux-system}}}}}}'}}}}}}\n",
            "more/all.yaml": RELEASE.replace("{spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}", "${what}"),
        },
        {"charts/web/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: y}\n"},
    ),
    "a patch to the root of everything": (patched(inline("- {op: replace, path: /spec, value: {interval: 1h, prune: true, path: /, sourceRef: {kind: GitRepository, name: flux-system}}}")), DEV),
    "a patch with two slashes": (patched(inline("- {op: replace, path: /spec, value: {interval: 1h, prune: true, path: //apps/dev, sourceRef: {kind: GitRepository, name: flux-system}}}")), DEV),
    "a patch that turns back": (patched(inline("- {op: replace, path: /spec, value: {interval: 1h, prune: true, path: /x/../apps/dev, sourceRef: {kind: GitRepository, name: flux-system}}}")), DEV),
    "a patch with an escaped key": (patched(inline('- {op: replace, path: /spec, value: {interval: 1h, prune: true, "p\\x61th": ./apps/dev, sourceRef: {kind: GitRepository, name: flux-system}}}')), DEV),
    "a patch with an escaped pointer": (patched(inline('- {op: replace, path: "/sp\\x65c/path", "valu\\x65": ./apps/dev}')), DEV),
    "a patch that copies": (
        patched(inline("- {op: copy, from: /more, path: /spec}"), BARE.format(name="apps") + "more: {path: ./apps/dev, prune: true, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}\n"),
        DEV,
    ),
    "a patch that brings the source": (patched(inline("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {sourceRef: {kind: GitRepository, name: flux-system}}"), BARE.format(name="apps")), DEV),
    "a patch that replaces the spec": (
        patched("patches: [{path: p.yaml}]\n", APPS, **{"p.yaml": BARE.format(name="apps").replace("spec: {", "spec: {$patch: replace, ")}),
        DEV,
    ),
    "a patch that replaces the spec in place": (patched(inline(BARE.format(name="apps").replace("spec: {", "spec: {$patch: replace, "))), DEV),
    "a patch of the kind": (
        patched(inline("- {op: replace, path: /kind, value: Kustomization}", "{kind: Other}"), ROOT.format(name="apps", path="./apps/dev").replace("kind: Kustomization", "kind: Other")),
        DEV,
    ),
    "a patch of the kind in a file": (
        patched("patches: [{path: p.yaml, target: {kind: Other}}]\n", ROOT.format(name="apps", path="./apps/dev").replace("kind: Kustomization", "kind: Other"), **{"p.yaml": "- {op: replace, path: /kind, value: Kustomization}\n"}),
        DEV,
    ),
    "a patch that may change the kind": (
        patched("patches: [{path: p.yaml, target: {kind: Other}, options: {allowKindChange: true}}]\n", ROOT.format(name="apps", path="./apps/dev").replace("kind: Kustomization", "kind: Other"), **{"p.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\n"}),
        DEV,
    ),
    "labels that are a path": (patched("labels: [{pairs: {path: apps}, fields: [{path: spec, kind: Kustomization, create: true}]}]\n"), DEV),
    "annotations that are a path": (
        patched("commonAnnotations: {path: apps/dev}\nconfigurations: [c.yaml]\n", **{"c.yaml": "commonAnnotations: [{path: spec, kind: Kustomization, create: true}]\n"}),
        DEV,
    ),
    "a prefix of a path": (
        patched("namePrefix: apps/\nconfigurations: [c.yaml]\n", ROOT.format(name="a", path="dev"), **{"c.yaml": "namePrefix: [{path: spec/path, kind: Kustomization}]\n"}),
        DEV,
    ),
    "an object that values hold": (
        {
            **CHART,
            "clusters/prod/kustomization.yaml": "resources: [apps.yaml]\nconfigMapGenerator: [{name: web, namespace: flux-system, files: [values.yaml]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
            "clusters/prod/apps.yaml": RELEASE.replace("values: {level: info}", "valuesFrom: [{kind: ConfigMap, name: web}]"),
            "clusters/prod/values.yaml": "apiVersion: v1\nkind: Other\nmetadata: {name: x}\nmore: |\n" + "".join(f"  {line}\n" for line in HIDDEN.splitlines()),
        },
        DEV,
    ),
    "a manifest without a suffix": (
        {"clusters/prod/kustomization.yaml": "resources: [apps.txt]\n", "clusters/prod/apps.txt": HIDDEN.replace("kustomize.toolkit.fluxcd.io/v1", '"kustomize.toolkit.flu\\x78cd.io/v1"')},
        DEV,
    ),
    "a manifest in UTF-16": (
        {"clusters/prod/kustomization.yaml": "resources: [apps.txt]\n", "clusters/prod/apps.txt": "\ufeff" + HIDDEN},
        DEV,
    ),
    "YAML in a JSON file": ({"clusters/prod/kustomization.yaml": "resources: [apps.json]\n", "clusters/prod/apps.json": HIDDEN}, DEV),
    "a Kustomization without a name": ({"clusters/prod/kustomization.yaml": "resources: [../../plain/x]\n", "plain/x/Kustomization": "resources: [../../apps/dev/settings.yaml]\n"}, DEV),
    "a component by Flux": ({"clusters/prod/apps.yaml": APPS[:-2] + ", components: [../more]}\n", "apps/more/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [../dev/settings.yaml]\n"}, DEV),
    "a dependency by path that is escaped": (
        {**CHART, "charts/web/templates/settings.yaml": "", "charts/web/Chart.yaml": CHART["charts/web/Chart.yaml"] + 'dependencies: [{name: sub, version: 1.0.0, repository: "fil\\x65://../sub"}]\n', "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "charts/sub/templates/x.yaml": SETTINGS.format(name="x"), "clusters/prod/apps.yaml": RELEASE},
        {"charts/sub/templates/x.yaml": DEBUG},
    ),
}  # fmt: skip


@pytest.fixture
def fleet(tmp_path: Path, committed: Callable[[Path], str]) -> Callable[[dict[str, str]], Path]:
    """Makes a repository of two environments; only dev is built from apps/dev unless more says otherwise."""

    def make(more: dict[str, str]) -> Path:
        files = {
            "apps/dev/settings.yaml": SETTINGS.format(name="dev"),
            "apps/prod/settings.yaml": SETTINGS.format(name="prod"),
            "clusters/dev/apps.yaml": ROOT.format(name="dev", path="./apps/dev"),
            **more,
        }
        for path, text in files.items():
            write(tmp_path, path, text)
        committed(tmp_path)
        return tmp_path

    return make


def write(root: Path, path: str, text: str | None) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        (root / path).unlink()
    elif text.startswith("->"):
        (root / path).symlink_to(text[2:])
    else:
        (root / path).write_text(text.replace("ROOT", str(root)), encoding="utf-16-le" if text.startswith("\ufeff") else "utf-8")


def look(root: Path) -> dict[str, Any]:
    return as_values(review(Options(root, offline=True, cache=False, workers=1), Asked("main")))


@pytest.mark.parametrize("case", CASES)
def test_what_reaches_prod_is_shown_for_prod(case: str, fleet: Callable[..., Path]) -> None:
    files, edits = CASES[case]
    root = fleet(files)
    for path, text in edits.items():
        write(root, path, text)
    levels = {each["name"]: each["level"] for each in look(root)["environments"]}
    assert levels["prod"] != "nothing"


PIECES: dict[str, dict[str, str]] = {
    "a folder of manifests": {"clusters/ENV/more.yaml": ROOT.format(name="more", path="./more/ENV/"), "more/ENV/x.yaml": SETTINGS.format(name="x")},
    "a shared base": {
        "clusters/ENV/layer.yaml": ROOT.format(name="layer", path="layers/x/../ENV"),
        "layers/ENV/kustomization.yaml": "resources: [./../base/]\npatches: [{path: p.yaml}]\n",
        "layers/ENV/p.yaml": SETTINGS.format(name="layered").replace("info", "of-ENV"),
        "layers/base/kustomization.yml": "resources: [x.yaml]\n",
        "layers/base/x.yaml": SETTINGS.format(name="layered"),
    },
    "a component": {
        "clusters/ENV/part.yaml": ROOT.format(name="part", path="./parts/ENV")[:-2] + ", components: [../component], ignoreMissingComponents: true}\n",
        "parts/ENV/x.yaml": SETTINGS.format(name="parted"),
        "parts/component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: made, envs: [made.env]}]\n",
        "parts/component/made.env": "level=info\n",
    },
    "a release": {**CHART, "clusters/ENV/release.yaml": RELEASE},
    "variables": {
        "clusters/ENV/filled.yaml": ROOT.format(name="filled", path="./filled")[:-2] + ", postBuild: {substituteFrom: [{kind: ConfigMap, name: known}]}}\n",
        "clusters/ENV/known.yaml": SETTINGS.format(name="known").replace("default", "flux-system"),
        "filled/x.yaml": SETTINGS.format(name="filled").replace("info", "${level}"),
    },
    "a patch of a path": {
        "clusters/ENV/steered/kustomization.yaml": "resources: [../../shared]\npatches: [{path: steer.yaml}]\n",
        "clusters/ENV/steered/steer.yaml": ROOT.format(name="steered", path="./steered/ENV").partition(", sourceRef")[0].replace("interval: 1h, ", "") + "}\n",
        "clusters/shared/kustomization.yaml": "resources: [steered.yaml]\n",
        "clusters/shared/steered.yaml": ROOT.format(name="steered", path="./steered/none"),
        "steered/ENV/x.yaml": SETTINGS.format(name="steered"),
    },
    "what is ignored": {".sourceignore": "/README.md\n*.txt\n", "README.md": "info\n"},
}  # fmt: skip


def edited(random: Random, root: Path, files: list[str]) -> None:
    """Changes, removes, or adds beside a file."""
    path = random.choice(files)
    match random.randrange(5):
        case 0:
            (root / path).unlink()
        case 1:
            write(
                root,
                f"{path.rpartition('/')[0]}/{random.choice(['new.yaml', 'kustomization.yaml', 'Kustomization', '.sourceignore', 'sub/new.yaml'])}".lstrip(
                    "/"
                ),
                SETTINGS.format(name="new"),
            )
        case _:
            text = (root / path).read_text()
            swapped = text.replace("info", "debug").replace("*.txt", "x.yaml").replace("/none", "/dev")
            (root / path).write_text(swapped if swapped != text else f"{text}# more\n")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(int(os.environ.get("REACH_SEEDS", "8"))))
def test_at_random_a_lazy_review_says_what_a_whole_one_says(seed: int, fleet: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    files = {"clusters/prod/apps.yaml": APPS}
    for piece in random.sample(sorted(PIECES), 3):
        for name in random.choice([("dev",), ("prod",), ("dev", "prod"), ("dev", "prod")]):
            files |= {path.replace("ENV", name): text.replace("ENV", name) for path, text in PIECES[piece].items()}
    root = fleet(files)
    edited(random, root, sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and ".git" not in path.parts))
    lazily = look(root)
    monkeypatch.setattr(state, "unreached", lambda *_: [])
    assert lazily == look(root)
