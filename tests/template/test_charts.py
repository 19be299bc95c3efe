"""With the real charts at hand, in a folder of .tgz files that GITOPS_CHARTS names: everything renders, and everything is accepted."""

import os
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.check import check
from gitops_validate.model.finding import Profile
from gitops_validate.report.json import as_values
from gitops_validate.run import Options, opened, rendered_environments
from gitops_validate.workloads.inventory import images

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


MADE_LATER = {"flux-controllers", "envoy-proxies", "mlflow-db"}
"""What operators make, and the monitors of their pods: `kube-prometheus-stack-` ones aside, which watch the cluster itself."""


def test_each_monitor_finds_pods_and_a_port_of_theirs(repository: Path) -> None:
    options = Options(repository, offline=True)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    for environment in rendered:
        objects = [item.data for render in environment.renders for item in render.objects]
        monitors = [one for one in objects if one["kind"] in ("ServiceMonitor", "PodMonitor") and one["metadata"]["name"] not in MADE_LATER]
        assert len(monitors) >= 10
        for monitor in monitors:
            if not monitor["metadata"]["name"].startswith("kube-prometheus-stack-"):
                assert ports(monitor) <= ports_of_those_that(monitor, objects), (environment.environment.name, monitor["metadata"]["name"])


def ports(monitor: dict[str, Any]) -> set[str]:
    spec = monitor["spec"]
    return {each["port"] for each in spec.get("endpoints") or spec["podMetricsEndpoints"]}


def ports_of_those_that(monitor: dict[str, Any], objects: list[dict[str, Any]]) -> set[str]:
    """The names of the ports of what a monitor selects in its own namespace: services, or the pods of workloads."""
    wanted, namespace = monitor["spec"]["selector"]["matchLabels"].items(), monitor["metadata"]["namespace"]
    here = [one for one in objects if one["metadata"].get("namespace") == namespace]
    if monitor["kind"] == "ServiceMonitor":
        found = [one["spec"] for one in here if one["kind"] == "Service" and wanted <= one["metadata"].get("labels", {}).items()]
        return {port.get("name") for spec in found for port in spec["ports"]}
    templates = [one["spec"]["template"] for one in here if one["kind"] in WORKLOADS - {"CustomResourceDefinition"}]
    pods = [one["spec"] for one in templates if wanted <= one["metadata"]["labels"].items()]
    return {port.get("name") for spec in pods for container in spec["containers"] for port in container.get("ports", ())}


def test_mlflow_counts_requests_and_lets_prometheus_read_it(repository: Path) -> None:
    options = Options(repository, offline=True, environments=("dev",))
    with opened(options) as run:
        (environment,), _ = rendered_environments(run, options)
    objects = {item.ref.kind: item.data for render in environment.renders for item in render.objects if item.ref.name == "mlflow"}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert "--expose-prometheus=/tmp/metrics" in container["args"] and "/tmp" in {each["mountPath"] for each in container["volumeMounts"]}


def test_all_images_come_from_the_registry(repository: Path) -> None:
    if "registry.example.org" not in (repository / ".copier-answers.yml").read_text():
        pytest.skip("images come from their publishers")
    options = Options(repository, offline=True)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    found = {image.image for image in images(rendered)}
    assert found and not {image for image in found if not image.startswith("registry.example.org/mirror/")}
