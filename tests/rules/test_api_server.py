"""What an environment's kube-apiserver is started with decides what is found in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest_rules import write

from gitops_validate.check import Options, check
from gitops_validate.errors import UsageError
from gitops_validate.report.json import as_values
from gitops_validate.run import opened, rendered_environments

from .conftest import TODAY, Checked

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  minReplicas: 0
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: External, external: {metric: {name: queued}, target: {type: Value, value: "3"}}}]
"""
POLICY = """\
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  interval: 1h
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/seen.yaml": (
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen}\ndata:\n  beta: "{{ .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1beta1" }}"\n'
        '  binding: "{{ .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding" }}"\n'
        '  daemons: "{{ .Capabilities.APIVersions.Has "apps/v1/DaemonSet" }}"\n  nodes: "{{ .Capabilities.APIVersions.Has "v1/Node" }}"\n'
    ),
}
GATE = "feature-gates: {HPAScaleToZero: true}\n"
API = "runtime-config: {admissionregistration.k8s.io/v1beta1: true}\n"
MANY = "{}: {{{}}}\n"
LONG = "a" * 200
CONFIG = ".gitops-validate.yaml"


def config(rest: str = "") -> dict[str, str]:
    return {CONFIG: f"version: 1\nprofile: minimal\n{rest}"}


def files(**more: str) -> dict[str, str]:
    return {"clusters/dev/scaler.yaml": SCALER, "clusters/dev/policy.yaml": POLICY, **more}


def places(checked: Checked, every: Mapping[str, str]) -> set[str]:
    """What the API server has to say, and where."""
    found = (each for each in checked(every).report.findings if each.rule.startswith("api-"))
    return {f"{each.environment} {each.place.path.rpartition('/')[2]}:{each.place.line} {each.rule}" for each in found}


BOTH = {"dev scaler.yaml:5 api-verdict", "dev policy.yaml:1 api-verdict"}


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ("", BOTH),
        (GATE, BOTH - {"dev scaler.yaml:5 api-verdict"}),
        (API, BOTH - {"dev policy.yaml:1 api-verdict"}),
        (GATE + API, set()),
        ("runtime-config: {admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicybindings: true}\n" + GATE, set()),
        ("feature-gates: {AllAlpha: true}\nruntime-config: {api/all: true}\n", set()),
        (f"environments: {{dev: {{feature-gates: {{HPAScaleToZero: true}}}}}}\n{API}", set()),
    ],
)
def test_what_is_switched_on_is_taken(checked: Checked, rest: str, left: set[str]) -> None:
    assert places(checked, files() | config(rest)) == left


def test_what_is_switched_off_is_refused(checked: Checked) -> None:
    old = SCALER.replace("v2", "v1").replace("minReplicas: 0", "minReplicas: 1").partition("  metrics")[0]
    found = checked({"clusters/dev/scaler.yaml": old} | config("runtime-config: {autoscaling/v1: false}\n"))
    (said,) = (each for each in found.said if each.startswith("api-verdict"))
    assert "it is served as autoscaling/v2" in said


def test_an_environment_s_own_flags_stand_instead_of_the_default(checked: Checked) -> None:
    environments = f"environments: {{dev: {{feature-gates: {{}}}}, prod: {{}}}}\n{GATE}"
    found = places(checked, {"clusters/dev/scaler.yaml": SCALER, "clusters/prod/scaler.yaml": SCALER} | config(environments))
    assert found == {"dev scaler.yaml:5 api-verdict"}


def test_a_kind_that_is_off_by_default_is_said_to_be(checked: Checked) -> None:
    (said,) = checked({"clusters/dev/policy.yaml": POLICY} | config()).said
    assert said.endswith("it is off unless runtime-config has admissionregistration.k8s.io/v1beta1: true")
    gone = POLICY.replace("MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicyBinding")
    assert "runtime-config" not in checked({"clusters/dev/policy.yaml": gone} | config()).said[0]


def test_a_served_version_that_goes_is_deprecated_and_not_removed(checked: Checked) -> None:
    found = checked({"clusters/dev/policy.yaml": POLICY} | config(f'kubernetes: "1.37"\n{API}'))
    assert found.rules == {"deprecated-api"}
    assert "use admissionregistration.k8s.io/v1" in found.report.findings[0].fix


def test_charts_see_what_is_served(tmp_path: Path) -> None:
    def seen(rest: str) -> dict[str, str]:
        write(tmp_path, {"clusters/dev/release.yaml": RELEASE, **CHART} | config(rest))
        options = Options(tmp_path, offline=True)
        with opened(options) as run:
            (environment,), _ = rendered_environments(run, options)
        (found,) = (thing for thing in environment.objects if thing.ref.name == "seen")
        return dict(found.data["data"])

    usual = {"beta": "false", "binding": "false", "daemons": "true", "nodes": "true"}
    assert seen("") == usual
    assert seen(API) == {**usual, "beta": "true", "binding": "true"}
    assert seen("runtime-config: {apps/v1/daemonsets: false}\n") == {**usual, "daemons": "false"}
    assert seen("") == usual


def test_a_run_out_of_the_cache_says_what_a_fresh_one_says(tmp_path: Path) -> None:
    """Whatever was judged before by other flags."""
    for rest in ("", GATE + API, ""):
        write(tmp_path, files() | config(rest))
        kept, fresh = (as_values(check(Options(tmp_path, today=TODAY, cache=cache, offline=True))) for cache in (True, False))
        assert kept == fresh
        assert (GATE in rest) == ("minReplicas" not in str(kept))


def test_in_a_merge_request_the_flags_are_those_of_its_base(checked: Checked) -> None:
    before = {f"before/{path}": text for path, text in (files() | config()).items()}
    assert places(checked, before | files() | config(GATE + API)) == BOTH


@pytest.mark.parametrize(
    ("rest", "place", "said"),
    [
        ("feature-gates:\n  HPAScaleToZeroo: true\n", "4:3", "feature-gates[HPAScaleToZeroo]: the API server's code, which emulates Kubernetes 1.36, does not start with it: unrecognized feature gate: HPAScaleToZeroo; did you mean 'HPAScaleToZero'?"),
        ("feature-gates: {HPAScaleToZero: true, Sidecars: true}\n", "3:39", "unrecognized feature gate: Sidecars; if Kubernetes has dropped it since"),
        ("feature-gates: {DynamicResourceAllocation: false}\n", "3:17", "feature is locked to true"),
        ("environments:\n  dev:\n    kubernetes: '1.34'\n    feature-gates: {EmptyDirVolumeMode: true}\n", "6:21", "environments.dev.feature-gates[EmptyDirVolumeMode]: the API server's code, which emulates Kubernetes 1.34, does not start with it: cannot set feature gate"),
        ("environments:\n  dev:\n    kubernetes: '1.34'\nfeature-gates: {EmptyDirVolumeMode: true}\n", "6:17", "feature-gates[EmptyDirVolumeMode]: the API server's code, which emulates Kubernetes 1.34"),
        ("runtime-config:\n  apps/v1: true\n  example.com/v1: true\n", "5:3", "runtime-config[example.com/v1]: the API server's code, which emulates Kubernetes 1.36, does not start with it: unknown api groups example.com/v1"),
        ("runtime-config: {apps/v7: true}\n", "3:18", "group version apps/v7 that has not been registered"),
        ("runtime-config: {apps: true}\n", "3:18", "runtime-config invalid key apps"),
        ("runtime-config: {api/all: false}\n", "3:18", "invalid runtime-config with only api/all=false"),
        ("kubernetes: '1.33'\nruntime-config: {resource.k8s.io/v1/deviceclasses: true}\n", "4:18", "because it is introduced at 1.34 after the current version 1.33"),
        ("feature-gates: {HPAScaleToZero: 1}\n", "3:17", "feature-gates.HPAScaleToZero must be true or false; it is 1"),
        (MANY.format("feature-gates", ", ".join(f"Gate{number}: true" for number in range(501))), "3:1", "feature-gates must be a map from feature gates of kube-apiserver to true or false, of 500 at most"),
        (MANY.format("feature-gates", ", ".join(f"Gate{number}: true" for number in range(500))), "3:17", "unrecognized feature gate: Gate0"),
        (MANY.format("runtime-config", ", ".join(f"{LONG}{number}/v1: true" for number in range(500))), "3:18", f"unknown api groups {LONG}0"),
        ("feature-gates: {'A=true,B': true}\n", "3:17", "the key 'A=true,B' must be the name of a feature gate, such as HPAScaleToZero"),
    ],
)  # fmt: skip
def test_what_an_api_server_does_not_start_with_is_wrong_configuration(tmp_path: Path, rest: str, place: str, said: str) -> None:
    write(tmp_path, files() | {CONFIG: f"version: 1\nprofile: minimal\n{rest}"})
    with pytest.raises(UsageError) as wrong:
        check(Options(tmp_path, cache=False, offline=True))
    assert str(wrong.value).startswith(f"{CONFIG}:{place}: ")
    assert said in str(wrong.value)
