"""With the real charts at hand, in a folder of .tgz files that GITOPS_CHARTS names: everything renders, and everything is accepted."""

import os
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.check import check
from gitops_validate.inventory import images
from gitops_validate.model.finding import Profile
from gitops_validate.report.json import as_values
from gitops_validate.run import Options, opened, rendered_environments

CHARTS = os.environ.get("GITOPS_CHARTS", "")
WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "CustomResourceDefinition"}
ANSWERS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "oidc": {"sso": "oidc"},
    "traefik": {"gateway": "traefik"},
    "traefik, oidc, mirrored": {
        "gateway": "traefik",
        "sso": "oidc",
        "chart_registry": "oci://registry.example.org/charts",
        "image_registry": "registry.example.org/mirror",
    },
    "own storage": {"object_storage": "none", "block_storage": "none", "load_balancer": "none"},
    "mirrored": {"chart_registry": "oci://registry.example.org/charts", "image_registry": "registry.example.org/mirror"},
}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHARTS, reason="GITOPS_CHARTS names no folder of charts")]


@pytest.fixture(params=ANSWERS.values(), ids=ANSWERS)
def repository(request: pytest.FixtureRequest, generate: Any, charted: Any) -> Path:
    """A generated platform whose charts come from the folder; an entry whose pinned version could not be had takes the one that was read."""
    made: Path = charted(generate(**request.param))
    return made


@pytest.mark.parametrize("profile", [Profile.STANDARD, Profile.STRICT], ids=lambda profile: profile.label)
def test_nothing_is_found_and_nothing_is_missing(repository: Path, profile: Profile) -> None:
    report = as_values(check(Options(repository, offline=True, profile=profile)))
    assert (report["findings"], report["incomplete"]) == ([], [])


def test_each_release_brings_something_that_runs_in_each_environment(repository: Path) -> None:
    options = Options(repository, offline=True)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    for environment in rendered:
        for render in environment.renders:
            if render.reconciler.ref.kind == "HelmRelease":
                assert {item.ref.kind for item in render.objects} & WORKLOADS, (environment.environment.name, render.reconciler.ref)


def test_all_images_come_from_the_registry(repository: Path) -> None:
    if "registry.example.org" not in (repository / ".copier-answers.yml").read_text():
        pytest.skip("images come from their publishers")
    options = Options(repository, offline=True)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    found = {image.image for image in images(rendered)}
    assert found and not {image for image in found if not image.startswith("registry.example.org/mirror/")}
