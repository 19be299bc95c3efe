"""Environments that a change does not reach are neither rendered nor judged, and the review says what it says when all are."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gitops_validate import run as runs
from gitops_validate.check import Options
from gitops_validate.config import Config, EnvironmentConfig
from gitops_validate.gitlab.received import read
from gitops_validate.model.change import Level
from gitops_validate.model.environment import Environment
from gitops_validate.report.review.json import as_values
from gitops_validate.review import mentions, state
from gitops_validate.review.review import Asked, review

Look = Callable[..., dict[str, Any]]


def _requests() -> ModuleType:
    spec = spec_from_file_location("merge_requests", Path(__file__).parent / "test_merge_requests.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    import sys  # noqa: PLC0415 - dataclasses look their module up

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


REQUESTS = _requests().REQUESTS
LAZY = ("more-replicas-in-prod", "no-replicas-in-prod", "a-path-of-the-node", "another-setting", "a-suspended-reconciler", "fewer-database-instances")
"""Requests that need nothing of the other environments. Others change what is held against them, such as the namespaces that prod refers to."""


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The environments that were rendered as a whole, one entry a state."""
    found: list[str] = []
    render = runs.render

    def noted(environments: Iterable[Environment], *rest: Any) -> Any:
        found.extend(each.name for each in environments)
        return render(tuple(environments), *rest)

    monkeypatch.setattr(runs, "render", noted)
    return found


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """Reviews what is in a folder against what was committed, without a cache, lazily or wholly."""

    def looked(root: Path, *, wholly: bool = False, cache: bool = False, config: Config = Config()) -> dict[str, Any]:  # noqa: B008 - a value
        with monkeypatch.context() as patch:
            if wholly:
                patch.setattr(state, "unreached", lambda *_: [])
            return as_values(review(Options(root, offline=True, cache=cache, workers=1, config=config), Asked("main")))

    return looked


@pytest.mark.slow
@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_lazy_review_says_what_a_whole_one_says(request_: Any, copy: Path, look: Look, rendered: list[str]) -> None:
    """Nothing declares here what environments may differ in; where something does, they are held against each other, and all are looked at."""
    request_.edit(copy)
    lazily, seen = look(copy), set(rendered)
    assert lazily == look(copy, wholly=True)
    levels = {each["name"] for each in lazily["environments"] if each["level"] != "nothing"}
    assert levels <= seen
    if str(request_) in LAZY:
        assert seen == levels == {"prod"}


KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 1h, prune: true, path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}
  values: {level: info}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata: {{level: info}}\n"


@pytest.fixture
def fleet(tmp_path: Path, committed: Callable[[Path], str]) -> Callable[..., Path]:
    """Makes a repository of two environments with a release each, and what else is given; only dev is built from apps/dev."""

    def make(**more: str) -> Path:
        files = {
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "charts/web/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: {{ .Values.level }}}\n",
            "apps/dev/settings.yaml": SETTINGS.format(name="dev", namespace="default"),
            "apps/prod/settings.yaml": SETTINGS.format(name="prod", namespace="default"),
            **{f"clusters/{name}/all.yaml": f"{KUSTOMIZATION.format(name='apps', path=f'./apps/{name}')}---\n{RELEASE}" for name in ("dev", "prod")},
            **more,
        }
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        committed(tmp_path)
        return tmp_path

    return make


def swap(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def reached(found: dict[str, Any]) -> set[str]:
    return {each["name"] for each in found["environments"] if each["level"] != Level.NOTHING.label}


def test_only_what_is_reached_is_rendered(fleet: Callable[..., Path], look: Look, rendered: list[str]) -> None:
    root = fleet()
    swap(root, "apps/dev/settings.yaml", "info", "debug")
    assert reached(look(root)) == {"dev"}
    assert set(rendered) == {"dev"}


DEFINED = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec: {group: example.org, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}
"""
EDITS: dict[str, dict[str, str]] = {
    "a value": {"clusters/dev/all.yaml": f"{KUSTOMIZATION.format(name='apps', path='./apps/dev')}---\n{RELEASE.replace('info', 'debug')}"},
    "no release": {"clusters/dev/all.yaml": KUSTOMIZATION.format(name="apps", path="./apps/dev")},
    "a template": {"charts/web/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: {{ .Values.level }}, more: x}\n"},
    "a definition in a chart": {"charts/web/crds/widgets.yaml": DEFINED},
    "a definition in one environment": {"clusters/dev/widgets.yaml": DEFINED},
    "a template that asks for kinds": {"charts/web/templates/more.yaml": "{{ .Capabilities.APIVersions.Has \"example.org/v1\" | ternary \"# yes\" \"# no\" }}\n"},
    "the folder of another": {"clusters/dev/all.yaml": f"{KUSTOMIZATION.format(name='apps', path='./apps/prod')}---\n{RELEASE}"},
    "a file that nothing reads": {"README.md": "another\n"},
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_with_charts_a_lazy_review_says_what_a_whole_one_says(edit: str, fleet: Callable[..., Path], look: Look) -> None:
    root = fleet()
    for path, text in EDITS[edit].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = look(root)
    assert found == look(root, wholly=True)
    assert bool(reached(found)) is (edit not in ("a file that nothing reads", "a template that asks for kinds"))


def test_what_was_not_looked_at_has_no_numbers(fleet: Callable[..., Path], look: Look) -> None:
    root = fleet()
    swap(root, "apps/dev/settings.yaml", "info", "debug")
    asked = {each["name"]: each["requests"] for each in look(root)["environments"]}
    assert asked["prod"] is None and asked["dev"]["after"]["cpu"] == 0


def test_a_review_that_did_not_look_at_all_is_read_by_another_job(fleet: Callable[..., Path], look: Look, tmp_path: Path) -> None:
    root = fleet()
    swap(root, "apps/dev/settings.yaml", "info", "debug")
    (tmp_path / "review.json").write_text(json.dumps(found := look(root)))
    assert as_values(read(tmp_path / "review.json"))["environments"][1] == found["environments"][1]


@pytest.mark.parametrize("path", ["charts/web/templates/settings.yaml", "charts/web/values.yaml"])
def test_a_chart_that_changes_reaches_every_environment_with_it(path: str, fleet: Callable[..., Path], look: Look) -> None:
    root = fleet(**{"charts/web/values.yaml": "level: info\n"})
    swap(root, path, "level", "depth")
    assert reached(look(root)) <= {"dev", "prod"} and look(root) == look(root, wholly=True)


HIDDEN = KUSTOMIZATION.format(name="hidden", path="./apps/dev")


@pytest.mark.parametrize(
    ("template", "release"),
    [(HIDDEN, RELEASE), ("{{ .Values.more }}\n", RELEASE.replace("level: info", f"level: info, more: {json.dumps(HIDDEN)}"))],
    ids=["by-itself", "by-its-values"],
)
def test_what_a_chart_may_build_is_looked_at(template: str, release: str, fleet: Callable[..., Path], look: Look) -> None:
    """In prod the chart makes a Kustomization of the folder that changes."""
    prod = f"{KUSTOMIZATION.format(name='apps', path='./apps/prod')}---\n{release}"
    root = fleet(**{"charts/web/templates/more.yaml": template, "clusters/prod/all.yaml": prod})
    swap(root, "apps/dev/settings.yaml", "info", "debug")
    assert "prod" in reached(look(root))


@pytest.mark.parametrize(
    ("strategy", "path", "old", "new", "said"),
    [
        ("ChartVersion", "charts/web/Chart.yaml", "1.0.0", "2.0.0", ["careful chart web: 1.0.0 to 2.0.0 (major)"]),
        (
            "ChartVersion",
            "charts/web/templates/settings.yaml",
            "data: {level",
            "data: {grade",
            ["careful chart web 1.0.0 has another content under the same version: Flux takes no notice of it before the version is another, too"],
        ),
        ("Revision", "charts/web/templates/settings.yaml", "data: {level", "data: {grade", []),
    ],
)
def test_a_chart_of_the_checkout_is_told_although_its_release_is_the_same(
    strategy: str, path: str, old: str, new: str, said: list[str], fleet: Callable[..., Path]
) -> None:
    root = fleet(**{"clusters/prod/all.yaml": RELEASE.replace("chart: charts/web", f"chart: charts/web, reconcileStrategy: {strategy}")})
    swap(root, path, old, new)
    found = {each.name: each for each in review(Options(root, offline=True, cache=False, workers=1), Asked("HEAD")).environments}["prod"]
    assert [f"{each.level.label} {each.message}" for each in found.impacts if each.kind == "chart"] == said


def test_files_of_a_chart_that_lie_elsewhere_count(fleet: Callable[..., Path], look: Look) -> None:
    root = fleet(**{"apps/prod-values.yaml": "level: info\n"})
    valued = RELEASE.replace("  values: {level: info}\n", "").replace("charts/web, ", "charts/web, valuesFiles: [apps/prod-values.yaml], ")
    (root / "clusters/prod/all.yaml").write_text(valued)
    import subprocess  # noqa: PLC0415

    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qam", "values"], cwd=root, check=True)
    swap(root, "apps/prod-values.yaml", "info", "debug")
    assert reached(look(root)) == {"prod"}


WAIVED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, annotations: {gitops-validate/allow.floating-image: tried out}}
spec: {containers: [{name: web, image: registry.example.org/web}]}
"""


def test_a_waiver_that_is_of_no_more_use_here_is_used_there(fleet: Callable[..., Path], look: Look, rendered: list[str]) -> None:
    """Whether it is unused only all environments tell."""
    overlay = {f"apps/{name}/kustomization.yaml": "resources: [settings.yaml, ../base]\n" for name in ("dev", "prod")}
    root = fleet(**{"apps/base/pod.yaml": WAIVED, "apps/base/kustomization.yaml": "resources: [pod.yaml]\n", **overlay})
    file = root / "apps/dev/kustomization.yaml"
    file.write_text(f"{file.read_text()}images: [{{name: registry.example.org/web, newTag: 1.0.0}}]\n")
    found = look(root)
    assert not any(each["rule"] == "unused-waiver" for each in found["findings"]["brought"])
    assert set(rendered) == {"dev", "prod"} and found == look(root, wholly=True)


def test_where_references_change_all_environments_are_asked(fleet: Callable[..., Path], look: Look, rendered: list[str]) -> None:
    """A namespace counts as another environment's if only these two have it."""
    root = fleet(
        **{
            "apps/prod/more.yaml": SETTINGS.format(name="a", namespace="team-prod"),
            "apps/dev/more.yaml": SETTINGS.format(name="a", namespace="team-dev"),
        }
    )
    swap(root, "apps/dev/more.yaml", "team-dev", "team-prod")
    found = look(root)
    assert set(rendered) == {"dev", "prod"} and found == look(root, wholly=True)


ORDERED = Config(environments=(EnvironmentConfig("dev"), EnvironmentConfig("prod")))


def test_where_environments_have_an_order_versions_are_compared(fleet: Callable[..., Path], look: Look, rendered: list[str]) -> None:
    pods = {f"apps/{name}/pod.yaml": WAIVED.replace("org/web}", "org/web:1.0.0}") for name in ("dev", "prod")}
    root = fleet(**pods)
    swap(root, "apps/prod/settings.yaml", "info", "debug")
    assert look(root, config=ORDERED) and set(rendered) == {"prod"}
    swap(root, "apps/prod/pod.yaml", "1.0.0", "2.0.0")
    found = look(root, config=ORDERED)
    assert "version-ahead" in {each["rule"] for each in found["findings"]["brought"]} and set(rendered) == {"dev", "prod"}
    assert found == look(root, wholly=True, config=ORDERED)


def test_with_and_without_a_cache_the_same_is_said(fleet: Callable[..., Path], look: Look) -> None:
    root = fleet()
    swap(root, "apps/dev/settings.yaml", "info", "debug")
    assert look(root) == look(root, cache=True) == look(root, cache=True)


def archive(**files: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as out:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            out.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue())


@pytest.mark.parametrize(
    ("body", "speaks"),
    [
        (archive(**{"web/Chart.yaml": "name: web\n"}), False),
        (archive(**{"web/templates/a.yaml": "apiVersion: source.toolkit.fluxcd.io/v1\n"}), True),
        (archive(**{"web/a.yaml": "x" * (mentions.CHUNK - 515) + "fluxcd"}), True),  # a word across two pieces
        (archive(**{"web/charts/sub-1.0.0.tgz": "packed"}), True),
        (archive(**{"web/Chart.yaml": "name: web\n"}) + gzip.compress(b"fluxcd"), True),
        (archive(**{"web/Chart.yaml": "name: web\n"})[:-9], True),
        (b"no archive", True),
        (gzip.compress(bytes(mentions.LARGEST + 1)), True),
    ],
    ids=["plain", "speaks-of-flux", "across-pieces", "packed-within", "a-second-part", "cut", "no-archive", "too-large"],
)
def test_an_archive_is_looked_through_piece_by_piece(body: bytes, speaks: bool, tmp_path: Path) -> None:
    (tmp_path / "chart.tgz").write_bytes(body)
    assert mentions.archive(tmp_path / "chart.tgz") is speaks
