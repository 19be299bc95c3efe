"""What files name of each other: never less than what is read when an environment is built, or nothing is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_validate import run as runs
from gitops_validate.check import Options
from gitops_validate.review.mentions import Charts
from gitops_validate.review.wiring import Wires

REPOS = Path(__file__).parents[1] / "repos"
FLUX = Path(__file__).parents[1] / "flux/repo"
EXAMPLE = Path(__file__).parents[2] / "examples/acme"
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: apps, namespace: flux-system}}
spec: {{interval: 1h, prune: true, path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}{more}}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web, namespace: flux-system}}
spec: {{interval: 1h, chart: {{spec: {{chart: charts/web, sourceRef: {{kind: {kind}, name: flux-system}}{more}}}}}, values: {values}}}
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: b}\n"
APPS = KUSTOMIZATION.format(path="./apps", more="")
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/a.yaml": "{{ toYaml .Values }}\n",
}
FILES = {"clusters/dev/apps.yaml": APPS, "apps/kustomization.yaml": "resources: [a.yaml]\n", "apps/a.yaml": OBJECT, "other/a.yaml": OBJECT, **CHART}
Told = Callable[..., set[str] | None]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The files that the only environment of a repository may be built from; given are files to write besides."""

    def ask(**files: str) -> set[str] | None:
        for path, text in {**FILES, **files}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return named(tmp_path)["dev"]

    return ask


def named(root: Path) -> dict[str, set[str] | None]:
    with runs.opened(Options(root, offline=True, cache=False, workers=1)) as run:
        wires = Wires(run.repo, Charts(run.repo))
        return {each.name: wires.of(each) for each in run.environments}


def test_the_files_that_are_named_are_told_and_no_others(told: Told) -> None:
    assert told() == {"clusters/dev/apps.yaml", "apps/kustomization.yaml", "apps/a.yaml"}


CLEAR = {
    "a base": ({"apps/kustomization.yaml": "resources: [../other]\n", "other/kustomization.yaml": "resources: [a.yaml]\n"}, {"other/a.yaml", "other/kustomization.yaml"}),
    "files of a generator": ({"apps/kustomization.yaml": "configMapGenerator: [{name: x, files: [key=../other/x.txt]}]\n", "other/x.txt": "x"}, {"other/x.txt"}),
    "a folder without a kustomization": ({"clusters/dev/apps.yaml": KUSTOMIZATION.format(path="./other", more="")}, {"other/a.yaml"}),
    "components of a Kustomization": ({"clusters/dev/apps.yaml": KUSTOMIZATION.format(path="./apps", more=", components: [../other]"), "other/kustomization.yaml": "resources: [a.yaml]\n"}, {"other/kustomization.yaml", "other/a.yaml"}),
    "a chart": ({"apps/a.yaml": RELEASE.format(kind="GitRepository", more="", values="{}")}, set(CHART)),
    "a patch of pods": ({"apps/kustomization.yaml": "resources: [a.yaml]\npatches:\n  - patch: |\n      - op: add\n        path: /spec/template/spec/volumes\n        value: []\n"}, set()),
    "what a source leaves out": ({"other/.sourceignore": "x\n"}, {"other/.sourceignore"}),
    "a patch of a Kustomization in a file": ({"clusters/dev/kustomization.yaml": "resources: [apps.yaml]\npatches: [{path: patch.yaml}]\n", "clusters/dev/patch.yaml": APPS.replace("./apps", "./other")}, {"other/a.yaml"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAR)
def test_what_is_named_from_there_is_told(case: str, told: Told) -> None:
    files, expected = CLEAR[case]
    found = told(**files)
    assert found is not None and expected <= found


UNCLEAR = {
    "a path that is filled in": {"clusters/dev/apps.yaml": KUSTOMIZATION.format(path="./${where}", more="")},
    "a path that a patch sets": {"clusters/dev/kustomization.yaml": "resources: [apps.yaml]\npatches:\n  - patch: |\n      - op: replace\n        path: /spec/path\n        value: ./other\n    target: {kind: Kustomization}\n"},
    "a path in a patch that is merged": {"clusters/dev/kustomization.yaml": f"resources: [apps.yaml]\npatches:\n  - patch: |\n{''.join(f'      {line}' for line in APPS.replace('./apps', './other').splitlines(keepends=True))}"},
    "a path from the root in a patch that is merged": {"clusters/dev/kustomization.yaml": f"resources: [apps.yaml]\npatches:\n  - patch: |\n{''.join(f'      {line}' for line in APPS.replace('./apps', '/other').splitlines(keepends=True))}"},
    "a patch of single fields in a file": {"clusters/dev/kustomization.yaml": "resources: [apps.yaml]\npatches: [{path: patch.yaml, target: {kind: Kustomization}}]\n", "clusters/dev/patch.yaml": "[{op: replace, path: /spec/path, value: ./other}]\n"},
    "a patch that a Kustomization makes": {"clusters/dev/apps.yaml": KUSTOMIZATION.format(path="./apps", more=", patches: [{patch: '{\"spec\": {\"path\": \"./other\"}}'}]")},
    "a folder that is not there": {"clusters/dev/apps.yaml": KUSTOMIZATION.format(path="./none", more="")},
    "an artifact": {"clusters/dev/apps.yaml": APPS.replace("GitRepository", "ExternalArtifact")},
    "replacements": {"apps/kustomization.yaml": "resources: [a.yaml]\nreplacements: []\n"},
    "a generator of Secrets": {"apps/kustomization.yaml": "secretGenerator: [{name: x, literals: [a=b]}]\n"},
    "a kind that is filled in": {"apps/a.yaml": OBJECT.replace("ConfigMap", "${kind}")},
    "a list": {"apps/a.yaml": "apiVersion: v1\nkind: List\nitems: []\n"},
    "a file that cannot be read": {"apps/a.yaml": "a: [\n"},
    "a chart from elsewhere": {"apps/a.yaml": RELEASE.format(kind="HelmRepository", more="", values="{}")},
    "files with values": {"apps/a.yaml": RELEASE.format(kind="GitRepository", more=", valuesFiles: [other/a.yaml]", values="{}")},
    "the commit as a version": {"apps/a.yaml": RELEASE.format(kind="GitRepository", more=", reconcileStrategy: Revision", values="{}")},
    "values that speak of Flux": {"apps/a.yaml": RELEASE.format(kind="GitRepository", more="", values="{kind: kustomize.toolkit.fluxcd.io}")},
    "a chart that speaks of Flux": {"apps/a.yaml": RELEASE.format(kind="GitRepository", more="", values="{}"), "charts/web/templates/b.yaml": APPS},
    "a chart that is not there": {"apps/a.yaml": RELEASE.format(kind="GitRepository", more="", values="{}").replace("charts/web", "charts/none")},
    "settings that speak of Flux": {"apps/a.yaml": OBJECT.replace("{a: b}", "{a: kustomize.toolkit.fluxcd.io}")},
    "a Secret that speaks of Flux": {"apps/a.yaml": OBJECT.replace("ConfigMap", "Secret").replace("{a: b}", "{a: Zmx1eGNk}")},
    "a file of a generator that speaks of Flux": {"apps/kustomization.yaml": "configMapGenerator: [{name: x, files: [x.txt]}]\n", "apps/x.txt": "fluxcd"},
}  # fmt: skip


@pytest.mark.parametrize("case", UNCLEAR)
def test_where_only_building_would_tell_nothing_is_told(case: str, told: Told) -> None:
    assert told(**UNCLEAR[case]) is None


@pytest.mark.parametrize("link", ["apps/linked", "linked"])
def test_links_on_the_way_are_not_followed(link: str, told: Told, tmp_path: Path) -> None:
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to("other")
    assert told(**{"apps/kustomization.yaml": f"resources: [a.yaml, {'linked' if '/' in link else '../linked/a.yaml'}]\n"}) is None


def test_links_elsewhere_do_not_matter(told: Told, tmp_path: Path) -> None:
    (tmp_path / "NOTES.md").symlink_to("README.md")
    assert told() is not None


@pytest.mark.parametrize("root", [*(path.parent for path in sorted(REPOS.rglob("clusters"))[::25]), FLUX, EXAMPLE], ids=lambda root: root.name)
def test_what_is_read_is_named(root: Path, tmp_path: Path) -> None:
    """Nothing that the engine reads of a repository when it is built is missing."""
    copy = Path(shutil.copytree(root, tmp_path / "repo", symlinks=True))
    told = named(copy)
    with runs.opened(Options(copy, offline=True, cache=False)) as run:
        runs.render(run.environments, run.config, run.workshop, run.asker, lambda *_: None)
        for name, files in told.items():
            used = run.workshop.used[name]
            read = {path for path in used.trace["files"] if path in run.repo.digests}
            read |= {path for path in run.repo.digests for folder in used.folders if path.startswith(f"{folder}/")}
            assert files is None or read <= files
