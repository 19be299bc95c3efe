"""What a review says of changes below what could not be rendered: that it does not know, and never that there is nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.cli.entry import run
from gitops_validate.model.change import EnvironmentReview, Review
from gitops_validate.report.review.told import counts
from gitops_validate.review.review import Asked, review

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {0}, namespace: flux-system}}
spec: {{interval: 1h, prune: true, path: {1}, sourceRef: {{kind: {2}, name: {3}}}}}
"""
GENERATOR = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: whole, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
  artifacts:
    - name: shop
      originRevision: "@repo"
      copy: [{from: "@repo/apps/shop/**", to: "@artifact/"}]
"""
ROOM = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\nspec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'r.example/web:1', ports: [{containerPort: 99999}], resources: {requests: {cpu: 500m}}}]}}}\n"
REMOTE = "resources: [settings.yaml, 'https://example.org/dashboard.yaml']\n"
ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: web, namespace: argocd}}\nspec: {{{}}}\n"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {level: info}\n"


class Shape:
    """A checkout in which the cluster `prod` has something that is not rendered, and a file that it may be made of."""

    def __init__(self, files: dict[str, str], changes: str) -> None:
        self.files, self.changes = files, changes


SHAPES = {
    "a kustomization that cannot be built": Shape(
        {"clusters/prod/apps.yaml": FLUX.format("apps", "./apps", "GitRepository", "flux-system"), "apps/kustomization.yaml": REMOTE, "apps/settings.yaml": SETTINGS},
        "apps/settings.yaml",
    ),
    "a base of an overlay that cannot be built": Shape(
        {
            "clusters/prod/apps.yaml": FLUX.format("apps", "./apps/prod", "GitRepository", "flux-system"),
            "apps/prod/kustomization.yaml": "resources: ['https://example.org/dashboard.yaml', ../base]\n",
            "apps/base/kustomization.yaml": "resources: [settings.yaml]\n",
            "apps/base/settings.yaml": SETTINGS,
        },
        "apps/base/settings.yaml",
    ),
    "what a reconciler in it would build": Shape(
        {
            "clusters/prod/apps.yaml": FLUX.format("apps", "./apps", "GitRepository", "flux-system"),
            "apps/kustomization.yaml": "resources: ['https://example.org/dashboard.yaml', shop.yaml]\n",
            "apps/shop.yaml": FLUX.format("shop", "./elsewhere/shop", "GitRepository", "flux-system"),
            "elsewhere/shop/settings.yaml": SETTINGS,
        },
        "elsewhere/shop/settings.yaml",
    ),
    "an artifact that is made in the cluster": Shape(
        {
            "clusters/prod/apps.yaml": FLUX.format("shop", "./", "ExternalArtifact", "shop"),
            "clusters/prod/generator.yaml": GENERATOR,
            "apps/shop/settings.yaml": SETTINGS,
        },
        "apps/shop/settings.yaml",
    ),
    "an Application of Argo CD": Shape(
        {"clusters/prod/apps.yaml": ARGO.format("Application", "source: {repoURL: 'https://git.example.org/a', path: web}"), "web/logo.txt": "a\n"},
        "web/logo.txt",
    ),
    "an Application in a kustomization that cannot be built": Shape(
        {
            "clusters/prod/apps.yaml": FLUX.format("apps", "./apps", "GitRepository", "flux-system"),
            "apps/kustomization.yaml": REMOTE.replace("settings.yaml", "web.yaml"),
            "apps/web.yaml": ARGO.format("Application", "source: {repoURL: 'https://git.example.org/a', path: web}"),
            "web/settings.yaml": SETTINGS,
        },
        "web/settings.yaml",
    ),
    "an ApplicationSet of Argo CD": Shape(
        {
            "clusters/prod/apps.yaml": ARGO.format(
                "ApplicationSet", "generators: [{git: {directories: [{path: apps/*}]}}], template: {spec: {source: {path: '{{path}}'}}}"
            ),
            "apps/shop/settings.yaml": SETTINGS,
        },
        "apps/shop/settings.yaml",
    ),
    "values beside a chart that Argo CD fetches": Shape(
        {
            "clusters/prod/apps.yaml": ARGO.format(
                "Application", "sources: [{chart: redis, helm: {valueFiles: [$own/values/redis/prod.yaml]}}, {ref: own, repoURL: 'https://a.example'}]"
            ),
            "values/redis/prod.yaml": "a: b\n",
        },
        "values/redis/prod.yaml",
    ),
    "an artifact that holds a part of the checkout": Shape(
        {"clusters/prod/apps.yaml": FLUX.format("apps", "./apps/prod", "OCIRepository", "fleet"), "kubernetes/apps/prod/settings.yaml": SETTINGS},
        "kubernetes/apps/prod/settings.yaml",
    ),
}  # fmt: skip


def commit(root: Path, files: dict[str, str]) -> None:
    """Make a repository of files, on main."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for arguments in (("init", "--quiet", "--initial-branch=main"), ("add", "--all"), ("commit", "--quiet", "--message", "before")):
        subprocess.run([*GIT, *arguments], cwd=root, check=True)


@pytest.fixture(params=SHAPES.values(), ids=lambda shape: shape.changes)
def shape(request: pytest.FixtureRequest) -> Shape:
    found: Shape = request.param
    return found


@pytest.fixture
def repo(shape: Shape, tmp_path: Path) -> Path:
    commit(tmp_path / "repo", {**shape.files, "README.md": "a\n", "clusters/prod/settings.yaml": SETTINGS.replace("settings", "own")})
    return tmp_path / "repo"


def reviewed(root: Path, *, cache: bool = False) -> Review:
    return review(Options(root, offline=True, cache=cache, workers=1), Asked("main"))


def test_a_change_below_what_cannot_be_rendered_is_not_nothing(repo: Path, shape: Shape) -> None:
    (repo / shape.changes).write_text(SETTINGS.replace("info", "debug"))
    (repo / "README.md").write_text("b\n")
    found = reviewed(repo)
    (environment,) = found.environments
    assert environment.unknown, "nothing is said of it"
    assert found.unread == ("README.md",), "it may well be read, but for what nothing can be made of"
    assert any(not gap.accepted for gap in found.incomplete), "a gap looks like success"


@pytest.mark.parametrize("shape", list(SHAPES.values())[:1])
def test_it_is_not_nothing_where_an_earlier_run_knows_the_environment(repo: Path, shape: Shape, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "README.md").write_text("b\n")
    found = reviewed(repo, cache=True)
    assert [each.unknown for each in found.environments] == [()], "the file that changed is none that it could be made of"
    (repo / shape.changes).write_text(SETTINGS.replace("info", "debug"))
    assert run(["diff", str(repo), "--base", "main", "--offline", "--quiet"]) == 3
    assert "Kustomization/flux-system/apps: after the change" in capsys.readouterr().out


def test_the_review_says_why_its_exit_code_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What changes is rendered in both states; something else in the environment is not, in either."""
    commit(tmp_path, {**SHAPES["a kustomization that cannot be built"].files, "clusters/prod/settings.yaml": SETTINGS.replace("settings", "own")})
    (tmp_path / "clusters/prod/settings.yaml").write_text(SETTINGS.replace("settings", "own").replace("info", "debug"))
    assert run(["diff", str(tmp_path), "--base", "main", "--offline", "--quiet"]) == 3
    assert "1 gap of prod, which gitops-validate check lists" in capsys.readouterr().out


FAR = """apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: far, namespace: flux-system}
spec: {interval: 1h, url: 'https://charts.example.org'}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: far, namespace: flux-system}
spec: {interval: 1h, chart: {spec: {chart: far, version: 1.0.0, sourceRef: {kind: HelmRepository, name: far}}}}
"""
SET = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: far, namespace: flux-system}\nspec: {resources: []}\n"


@pytest.mark.parametrize("declared", [FAR, SET], ids=["a release", "a set of resources"])
@pytest.mark.parametrize("environment_goes", [False, True])
def test_what_goes_with_something_that_was_out_of_reach_is_a_gap(tmp_path: Path, declared: str, *, environment_goes: bool) -> None:
    """Nobody knows which objects are deleted with it."""
    shape = SHAPES["a kustomization that cannot be built"]
    files = {path: text for path, text in shape.files.items() if path.startswith("clusters/")}
    commit(
        tmp_path,
        {**files, "apps/kustomization.yaml": "resources: [settings.yaml]\n", "apps/settings.yaml": SETTINGS, "clusters/prod/far.yaml": declared},
    )
    (tmp_path / "clusters/dev").mkdir()
    (tmp_path / "clusters/dev/settings.yaml").write_text(SETTINGS.replace("settings", "own"))
    shutil.rmtree(tmp_path / "clusters/prod") if environment_goes else (tmp_path / "clusters/prod/far.yaml").unlink()
    gaps = [gap for gap in reviewed(tmp_path).incomplete if gap.environment == "prod"]
    assert [gap.reason.partition(":")[0] for gap in gaps] == ["before the change"]


def test_what_is_made_in_the_cluster_is_a_gap_and_no_failure(tmp_path: Path) -> None:
    shape = SHAPES["an artifact that is made in the cluster"]
    commit(tmp_path, {**shape.files, "clusters/prod/apps.yaml": FLUX.format("shop", "./apps/shop", "GitRepository", "flux-system")})
    (tmp_path / "clusters/prod/apps.yaml").write_text(shape.files["clusters/prod/apps.yaml"])
    (environment,) = reviewed(tmp_path).environments
    assert "fails" not in {impact.kind for impact in environment.impacts}
    assert any("ArtifactGenerator/flux-system/whole may make it" in why for why in environment.unknown)


def test_what_cannot_be_built_any_more_takes_nothing_away(tmp_path: Path) -> None:
    files = {
        "clusters/prod/apps.yaml": FLUX.format("apps", "./apps", "GitRepository", "flux-system"),
        "apps/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/web.yaml": ROOM,
    }
    commit(tmp_path, files)
    (tmp_path / "apps/kustomization.yaml").write_text("resources: [wbe.yaml]\n")
    found = reviewed(tmp_path)
    (environment,) = found.environments
    assert environment.before == environment.after, "nobody knows what is asked for"
    assert found.removed == (), "the port is as wrong as it was"
    assert [impact.kind for impact in environment.impacts] == ["fails"]


def test_what_shows_only_because_something_can_be_built_again_is_told_as_that(tmp_path: Path) -> None:
    claimed = ROOM.replace("99999", "8080").replace("containers:", "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], containers:")
    files = {
        "clusters/prod/apps.yaml": FLUX.format("apps", "./apps", "GitRepository", "flux-system"),
        "clusters/prod/web.yaml": claimed,
        "apps/kustomization.yaml": "resources: [sett.yaml]\n",
        "apps/settings.yaml": SETTINGS,
    }
    commit(tmp_path, files)
    (tmp_path / "apps/kustomization.yaml").write_text("resources: [settings.yaml]\n")
    (finding,) = [each for each in reviewed(tmp_path).brought if each.rule == "dangling-claim"]
    assert finding.message.endswith("it may have been so before, when Kustomization/flux-system/apps could not be rendered")


def test_where_not_even_the_entry_can_be_built_nothing_is_known(tmp_path: Path) -> None:
    instance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\nspec: {distribution: {version: 2.x, registry: ghcr.io/fluxcd}, sync: {kind: GitRepository, url: 'https://git.example/f', ref: refs/heads/main, path: gone/cluster}}\n"
    commit(tmp_path, {"flux/instance.yaml": instance, "apps/settings.yaml": SETTINGS})
    (tmp_path / "apps/settings.yaml").write_text(SETTINGS.replace("info", "debug"))
    found = reviewed(tmp_path)
    assert [bool(each.unknown) for each in found.environments] == [True]
    assert found.unread == ()


def test_an_environment_of_which_nothing_is_known_does_not_say_nothing() -> None:
    assert counts(EnvironmentReview("prod", "unchanged", unknown=("Kustomization/flux-system/apps: it fails",))) == "1 not rendered"
    assert counts(EnvironmentReview("prod", "unchanged")) == "nothing"
