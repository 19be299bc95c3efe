"""What a chart sees of the kinds of its cluster: those of its own environment, whichever another one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitops_validate.check import Options, check
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.run import opened, rendered_environments

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {interval: 1h, chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}}
"""
DEFINED = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec: {group: example.org, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}
"""
SEEN = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen}\ndata: {widgets: "{{ .Capabilities.APIVersions.Has "example.org/v1/Widget" }}"}\n'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of what the engine was asked to render of charts, each once however often."""
    found: list[str] = []
    ask = Asker.ask

    def noted(self: Asker, questions: Sequence[Keyed]) -> list[object]:
        found.extend(each.key for each in questions if each.question.op == "helm" and each.key not in found)
        return ask(self, questions)

    monkeypatch.setattr(Asker, "ask", noted)
    return found


def write(root: Path, environments: Mapping[str, str], release: str = RELEASE) -> None:
    """Write a repository whose environments hold a release, and more."""
    files = {"charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "charts/web/templates/seen.yaml": SEEN}
    files |= {f"clusters/{name}/all.yaml": f"{release}---\n{more}" for name, more in environments.items()}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def seen(root: Path, environments: Mapping[str, str]) -> dict[str, str]:
    """What the chart sees in each environment."""
    write(root, environments)
    options = Options(root, offline=True, cache=False, workers=1)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    return {each.environment.name: thing.get("data", "widgets") for each in rendered for thing in each.objects if thing.ref.name == "seen"}


@pytest.mark.parametrize("with_them", ["dev", "prod"])
def test_each_environment_has_its_own_kinds(with_them: str, tmp_path: Path) -> None:
    environments = {name: DEFINED if name == with_them else "" for name in ("dev", "prod")}
    assert seen(tmp_path, environments) == {name: str(name == with_them).lower() for name in environments}


def test_environments_with_the_same_kinds_are_rendered_with_them_at_once(tmp_path: Path, asked: list[str]) -> None:
    """Only the first is asked about without them, as nobody knows them yet."""
    assert seen(tmp_path, dict.fromkeys(("dev", "prod", "stage"), DEFINED)) == dict.fromkeys(("dev", "prod", "stage"), "true")
    assert len(asked) == 2


@pytest.mark.parametrize("more", [DEFINED, ""], ids=["as-before", "gone"])
def test_after_an_edit_an_environment_begins_with_the_kinds_that_it_had(
    more: str, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    options = Options(tmp_path / "repo", offline=True, workers=1)
    write(options.path, {"dev": DEFINED})
    assert check(options).findings == ()
    assert len(asked) == 2
    asked.clear()
    write(options.path, {"dev": more}, RELEASE.replace("interval: 1h,", "interval: 1h, values: {more: 1},"))
    check(options)
    assert len(asked) == 1
    assert check(replace(options, cache=False)) == check(options)
