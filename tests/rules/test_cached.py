"""Whatever is edited between two runs, a report out of the cache is the report of a run without one, to the byte."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from gitops_validate import run
from gitops_validate.check import Options, check
from gitops_validate.errors import UsageError
from gitops_validate.keeping.cache import Cache
from gitops_validate.render import render
from gitops_validate.report.json import as_values, dumps

from .conftest import TODAY

ACME = Path(__file__).parents[2] / "examples/acme"
DEPENDENCY = "dependencies:\n  - name: shared\n    version: 1.0.0\n    repository: file://../shared\n"
EXTRA = {
    "charts/shared/Chart.yaml": "apiVersion: v2\nname: shared\nversion: 1.0.0\n",
    "charts/shared/values.yaml": "port: 80\n",
    "charts/shared/templates/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: shared\nspec:\n  ports:\n    - port: {{ .Values.port }}\n"
    ),
    "secret-catalogue.yaml": "secrets:\n  - name: given\n    namespace: default\n    component: web\n    stage: config\n    keys: {key: {given: here}}\n",
    "notes/readme.txt": "80\n",
    "policy/kinds.rego": 'package main\n\nwarn contains "80" if input.kind == "Service"\n',
}
"""A chart that another one depends on by its path, a secret that is not there, a policy, and a file that nothing reads."""
ELSEWHERE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: team, namespace: flux-system}
spec: {interval: 10m, url: https://git.example/team/apps, ref: {tag: v1.0.0}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 10m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: team}}
"""
WORDS = ("80", "80800", "dev", "prod", "true", "null", "${UNSET}", "- x", "{}", "a: b", "spec:", '"', "gitops-validate/allow.api-verdict: because")


def edit_line(files: list[Path], chance: Random) -> None:
    """Put another word where one stands, take a line out, or write it twice."""
    file = chance.choice(files)
    lines = file.read_text(errors="replace").splitlines()
    if lines:
        number = chance.randrange(len(lines))
        head, _, value = lines[number].partition(": ")
        lines[number : number + 1] = chance.choice(([f"{head}: {chance.choice(WORDS)}"], [], [lines[number]] * 2, [f"{head}: {value}x"]))
    file.write_text("\n".join(lines) + "\n")


def delete(files: list[Path], chance: Random) -> None:
    chance.choice(files).unlink()


def swap(files: list[Path], chance: Random) -> None:
    one, other = chance.choice(files), chance.choice(files)
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def add(files: list[Path], chance: Random) -> None:
    """A copy of a file beside another one, or the file that a controller leaves others out by."""
    beside = chance.choice(files).parent
    name = chance.choice(("new.yaml", ".sourceignore", "kustomization.yaml", "values.yaml", "Chart.yaml"))
    (beside / name).write_bytes(b"*.yaml\n" if name == ".sourceignore" else chance.choice(files).read_bytes())


def link(files: list[Path], chance: Random) -> None:
    """A link in the place of a file."""
    file, target = chance.choice(files), chance.choice(files)
    if file != target:
        file.unlink()
        file.symlink_to(os.path.relpath(target, file.parent))


EDITS: tuple[Callable[[list[Path], Random], None], ...] = (edit_line,) * 8 + (delete, swap, add, link)


def repair(root: Path, pristine: Path, chance: Random) -> None:
    """Bring back one file as it was, or all of them."""
    if chance.random() < 0.5:
        shutil.rmtree(root)
        shutil.copytree(pristine, root, symlinks=True)
        return
    file = chance.choice([path for path in sorted(pristine.rglob("*")) if path.is_file()])
    target = root / file.relative_to(pristine)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy(file, target)


def said(root: Path, *, cache: bool) -> str:
    """The report, or why there is none."""
    try:
        return dumps(as_values(check(Options(root, offline=True, cache=cache, today=TODAY, workers=1))))
    except UsageError as fault:
        return str(fault)


@pytest.fixture
def pristine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example platform with those files, and a cache of its own."""
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "pristine"
    shutil.copytree(ACME, root)
    for path, text in EXTRA.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    chart = root / "charts/model-registry/Chart.yaml"
    chart.write_text(chart.read_text() + DEPENDENCY)
    return root


def test_a_chart_that_another_one_depends_on_by_its_path_counts(pristine: Path) -> None:
    before = said(pristine, cache=True)
    (pristine / "charts/shared/values.yaml").write_text("port: 80800\n")
    after = said(pristine, cache=True)
    assert "80800" in after
    assert after == said(pristine, cache=False)
    (pristine / "charts/shared/values.yaml").write_text(EXTRA["charts/shared/values.yaml"])
    assert said(pristine, cache=True) == before


def test_a_secret_that_is_still_missing_stays_so(pristine: Path) -> None:
    assert "default/given" in said(pristine, cache=True)
    (pristine / "clusters/dev/given.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: given, namespace: default}\n")
    assert said(pristine, cache=True) == said(pristine, cache=False)
    (pristine / "secret-catalogue.yaml").write_text(EXTRA["secret-catalogue.yaml"].replace("given", "taken"))
    after = said(pristine, cache=True)
    assert "default/taken" in after
    assert after == said(pristine, cache=False)


def test_a_folder_counts_by_which_a_source_is_told_for_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder is not there that is built from the only source, the source is taken for somebody else's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "root"
    (root / "clusters/dev").mkdir(parents=True)
    (root / "clusters/dev/apps.yaml").write_text(ELSEWHERE)
    assert "api-verdict" not in said(root, cache=True)
    (root / "apps").mkdir()
    (root / "apps/settings.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: 5}\n")
    assert "api-verdict" in said(root, cache=True) == said(root, cache=False)


def test_an_environment_in_which_nothing_changed_is_not_rendered_again(pristine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    monkeypatch.setattr(run, "render", lambda chosen, *rest: rendered.extend(each.name for each in chosen) or render(chosen, *rest))
    said(pristine, cache=True)
    with (pristine / "clusters/dev/workloads.yaml").open("a") as file:
        file.write("# a remark\n")
    said(pristine, cache=True)
    assert rendered == ["dev", "prod", "stage", "dev"]


@pytest.mark.parametrize("wrong", [b"null", b"[1]", b'[{"trace": 1}]'])
def test_a_kept_outcome_that_makes_no_sense_is_none(pristine: Path, wrong: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    first = said(pristine, cache=True)
    get = Cache.get
    monkeypatch.setattr(Cache, "get", lambda self, kind, key: wrong if kind in ("inputs", "outcome", "report") else get(self, kind, key))
    assert said(pristine, cache=True) == first


@pytest.mark.parametrize(("seed", "steps"), [(1, 5), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_a_cached_report_is_the_report(seed: int, steps: int, tmp_path: Path, pristine: Path) -> None:
    chance, root = Random(seed), tmp_path / "repo"
    if seed % 2:  # whatever differs between environments is told, too
        (pristine / ".gitops-validate.yaml").write_text("version: 1\ndiffer: []\n")
    shutil.copytree(pristine, root)
    history: list[str] = []
    for _ in range(steps):
        assert said(root, cache=True) == said(root, cache=False), history
        files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
        if chance.random() < 0.3 or len(files) < 20:
            repair(root, pristine, chance)
            history.append("repair")
        else:
            edit = chance.choice(EDITS)
            edit(files, chance)
            history.append(edit.__name__)
