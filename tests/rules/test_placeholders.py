"""A reconciler that reads a secret which is pending is rendered with a placeholder, so that all else in it is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.finding import Pending

from .conftest import TODAY

CATALOGUE = """\
secrets:
  - name: web
    namespace: web
    component: web
    stage: controller
    purpose: its login
    keys: {password: {generate: password}, more: {given: the vendor}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: ./charts/web
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  valuesFrom:
    - kind: Secret
      name: web
      valuesKey: password
      targetPath: login.password
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "login:\n  password: ''\n",
    "charts/web/templates/config.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  login: {{ required `a password is needed` .Values.login.password | quote }}\n"
    ),
}
APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: web}
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  postBuild: {substituteFrom: [{kind: Secret, name: web}]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: web}\ndata: {login: '${password}'}\n"
WAITING = (Pending("web/web", "dev", "platform/web/controller/overlays/dev/secrets/web.sops.yaml", "from the vendor"),)


def test_a_single_value_is_a_placeholder(checked) -> None:
    outcome = checked({"secret-catalogue.yaml": CATALOGUE, "clusters/dev/web.yaml": RELEASE, **CHART})
    assert outcome.said == []
    assert outcome.report.pending == WAITING
    assert outcome.report.summary.objects == 2


def test_without_the_catalogue_the_release_fails(checked) -> None:
    assert checked({"clusters/dev/web.yaml": RELEASE, **CHART}).rules == {"dangling-values-from"}


def test_a_key_that_the_catalogue_does_not_name_is_found(checked) -> None:
    outcome = checked(
        {"secret-catalogue.yaml": CATALOGUE, "clusters/dev/web.yaml": RELEASE.replace("valuesKey: password", "valuesKey: pass"), **CHART}
    )
    assert outcome.rules == {"dangling-values-from"}
    assert outcome.lines == {("clusters/dev/web.yaml", 13)}


def test_a_whole_file_of_values_counts_as_empty_and_what_fails_for_it_is_not_found(checked) -> None:
    release = RELEASE.replace("valuesKey: password\n      targetPath: login.password", "valuesKey: more")
    outcome = checked({"secret-catalogue.yaml": CATALOGUE, "clusters/dev/web.yaml": release, **CHART})
    assert outcome.rules == set()
    assert [(gap.what, gap.reason) for gap in outcome.report.incomplete] == [
        ("encrypted-values", "the values in Secret/web/web are pending and count as empty here")
    ]


def test_variables_count_as_set(checked) -> None:
    outcome = checked({"secret-catalogue.yaml": CATALOGUE, "clusters/dev/apps.yaml": APPS, "apps/settings.yaml": SETTINGS})
    assert outcome.said == []
    assert outcome.report.pending == WAITING


def test_a_variable_that_is_no_key_of_it_is_found(checked) -> None:
    files = {"secret-catalogue.yaml": CATALOGUE.replace("password:", "pass:"), "clusters/dev/apps.yaml": APPS, "apps/settings.yaml": SETTINGS}
    assert checked(files).rules == {"unset-variable"}


def test_a_catalogue_that_is_a_link_is_found_and_not_followed(checked, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(CATALOGUE)
    (tmp_path / "secret-catalogue.yaml").symlink_to("other.yaml")
    outcome = checked({"clusters/dev/settings.yaml": SETTINGS.replace("${password}", "x")})
    assert (outcome.rules, outcome.report.pending) == ({"secret-catalogue"}, ())


def test_a_second_run_sees_what_has_changed_in_the_catalogue(checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path.with_name("cache")))
    checked({"secret-catalogue.yaml": CATALOGUE, "clusters/dev/web.yaml": RELEASE, **CHART})

    def found(catalogue: str) -> set[str]:
        (tmp_path / "secret-catalogue.yaml").write_text(catalogue)
        return {finding.rule for finding in check(Options(tmp_path, offline=True, today=TODAY, workers=1)).findings}

    assert found(CATALOGUE) == set()
    assert found(CATALOGUE.replace("password:", "pass:")) == {"dangling-values-from"}
    assert found(CATALOGUE.replace("namespace: web", "namespace: other")) == {"dangling-values-from"}
    assert found(CATALOGUE) == set()
