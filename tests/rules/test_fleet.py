"""Environments side by side: out of the cache as afresh, rendered again only where they differ, and without anything that a Secret holds."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from gitops_validate import run
from gitops_validate.check import Options, check
from gitops_validate.keeping.cache import Cache
from gitops_validate.model.report import Report
from gitops_validate.render import render
from gitops_validate.report.json import as_values, dumps
from gitops_validate.report.look import Look
from gitops_validate.report.totals import totals

ACME = Path(__file__).parents[2] / "examples/acme"
CONFIG = """\
version: 1
environments:
  dev: {domain: dev.acme.example}
  stage: {domain: stage.acme.example}
  prod: {domain: acme.example}
differ:
  - object: Deployment/prediction-api/prediction-api
    fields: [spec.replicas]
    reason: environments have their sizes
  - object: HelmRelease/model-registry/model-registry
    fields: [spec.values.replicas, spec.values.storage.size]
    reason: environments have their sizes
  - object: Model/*
    fields: [spec.stage, spec.version, spec.approvedBy]
    reason: models are promoted by their own means
"""
VALUES = "platform/model-registry/controller/overlays/{}/values.yaml"
LIMITS = "resources:\n  limits:\n    memory: {}\n"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example platform with what its environments differ in declared, and a cache of its own."""
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    shutil.copytree(ACME, tmp_path / "acme")
    (tmp_path / "acme/.gitops-validate.yaml").write_text(CONFIG)
    return tmp_path / "acme"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The environments that are rendered, one after the other."""
    names: list[str] = []
    monkeypatch.setattr(run, "render", lambda chosen, *rest: names.extend(each.name for each in chosen) or render(chosen, *rest))
    return names


def checked(root: Path, *environments: str, cache: bool = True) -> Report:
    return check(Options(root, environments, offline=True, cache=cache, today=date(2026, 1, 15), workers=1))


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(each.rule, each.place.path, each.field) for each in report.findings]


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_what_is_declared_is_all_that_the_example_platform_differs_in(acme: Path) -> None:
    assert told(checked(acme)) == []
    (acme / ".gitops-validate.yaml").write_text(CONFIG.replace("spec.values.replicas, ", "").replace("[spec.replicas]", "[spec.paused]"))
    assert sorted({(rule, field) for rule, _, field in told(checked(acme))}) == [
        ("undeclared-difference", "spec.replicas"),
        ("undeclared-difference", "spec.values.replicas"),
    ]


def test_an_edit_in_one_overlay_is_told_at_its_line_and_nothing_else_is(acme: Path) -> None:
    append(acme / VALUES.format("stage"), LIMITS.format("1Gi"))
    (finding,) = checked(acme).findings
    assert (finding.rule, finding.place.path, finding.place.line) == ("undeclared-difference", VALUES.format("stage"), 6)
    assert (finding.environment, finding.field) == ("stage", "spec.values.resources.limits.memory")
    assert "1Gi in stage" in finding.message and "dev and prod" in finding.message


def test_environments_that_agree_are_not_rendered_to_be_compared(acme: Path, rendered: list[str]) -> None:
    checked(acme)
    append(acme / VALUES.format("dev"), "# a remark\n")
    checked(acme)
    assert rendered == ["dev", "stage", "prod", "dev"]


def test_a_report_of_kept_environments_is_that_of_a_fresh_run(acme: Path, rendered: list[str]) -> None:
    checked(acme)
    for environment, text in (("dev", LIMITS.format("1Gi")), ("prod", LIMITS.format("2Gi")), ("stage", "database:\n  host: other\n")):
        append(acme / VALUES.format(environment), text)
        before = len(rendered)
        kept = checked(acme)
        assert len(rendered) - before == 3  # one because it changed, two because they differ from it
        assert dumps(as_values(kept)) == dumps(as_values(checked(acme, cache=False)))
    assert {field for _, _, field in told(kept)} == {"spec.values.resources.limits.memory", "spec.values.database.host"}


def test_only_the_chosen_environments_are_compared(acme: Path) -> None:
    append(acme / VALUES.format("stage"), LIMITS.format("1Gi"))
    assert not checked(acme, "stage").findings
    assert not checked(acme, "dev", "prod").findings
    assert len(checked(acme, "stage", "prod").findings) == 1
    assert "not compared with the other environments" in totals(checked(acme, "stage"), Look())
    assert "not compared" not in totals(checked(acme), Look())


def test_a_difference_can_be_waived(acme: Path) -> None:
    append(acme / VALUES.format("stage"), LIMITS.format("1Gi"))
    append(
        acme / ".gitops-validate.yaml",
        "waivers:\n  - {rule: undeclared-difference, environment: stage, object: 'HelmRelease/*', reason: until May}\n",
    )
    report = checked(acme)
    assert not report.findings and len(report.waived) == 1


def test_what_a_secret_holds_is_neither_told_nor_kept(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    put = Cache.put
    monkeypatch.setattr(Cache, "put", lambda self, kind, key, body: kept.append(body) if kind == "outcome" else put(self, kind, key, body))
    for environment, password in (("dev", "correct-horse"), ("prod", "battery-staple")):
        secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: open, namespace: flux-system}}\nstringData: {{password: {password}}}\n"
        plain = f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: open, namespace: flux-system}}\ndata: {{url: 'x://me:{password}@host'}}\n"
        (acme / f"clusters/{environment}/open.yaml").write_text(secret + plain)
        append(acme / f"clusters/{environment}/open.yaml", "")
    report = checked(acme)
    said = dumps(as_values(report))
    assert "undeclared-difference" in said and "plaintext-secret" in said
    assert not any(word in said or word.encode() in b"".join(kept) for word in ("correct-horse", "battery-staple"))


def test_a_component_that_cannot_be_rendered_is_not_called_missing(acme: Path) -> None:
    (acme / "workloads/prediction-api/overlays/dev/kustomization.yaml").write_text("resources: [gone.yaml]\n")
    assert {rule for rule, _, _ in told(checked(acme))} == {"missing-path"}


def test_whatever_stands_in_an_object_comparing_it_goes_on(acme: Path) -> None:
    odd = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd, namespace: flux-system}\nspec: []\ndata: %s\n"
    for environment, data in (("dev", "[1, {name: [a]}, null]"), ("stage", "{a: [{name: x}, {name: x}]}"), ("prod", "null")):
        (acme / f"clusters/{environment}/odd.yaml").write_text(odd % data)
    report = checked(acme)
    assert not [gap for gap in report.incomplete if gap.what == "rule"]
    assert "undeclared-difference" in {each.rule for each in report.findings}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("./clusters/prod", [("foreign-environment", "clusters/dev/flux-system/gotk-sync.yaml", 22)]),
        ("./clusters/dve", [("missing-path", "clusters/dev/flux-system/gotk-sync.yaml", 22)]),
        ("./", [("kustomize-build", ".gitops-validate.yaml", 1)]),
        ("platform/clusters/dev", []),
    ],
    ids=["into another environment", "to nowhere", "to everything", "out of a folder that the source is made of"],
)
def test_an_entry_that_leads_the_cluster_elsewhere_is_told_at_its_path(acme: Path, path: str, found: list[tuple[str, str, int]]) -> None:
    (acme / ".gitops-validate.yaml").write_text("version: 1\n")
    sync = acme / "clusters/dev/flux-system/gotk-sync.yaml"
    sync.write_text(sync.read_text().replace("./clusters/dev", path))
    said = checked(acme).findings
    assert [(finding.rule, finding.place.path, finding.place.line) for finding in said] == found
