"""What the entry of an environment comes to declare."""

from pathlib import Path

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report

SYNC = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./clusters/dev
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild: {substitute: {ENVIRONMENT: dev}%s}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, url: "https://git.example/fleet"}
"""
APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./apps/${ENVIRONMENT}
  sourceRef: {kind: GitRepository, name: flux-system}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {a: '%s'}\n"


def _checked(root: Path, **files: str) -> Report:
    for name, text in {"clusters/dev/apps.yaml": APPS, "apps/dev/settings.yaml": SETTINGS % "b"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name, text in files.items():
        (root / "clusters/dev" / f"{name}.yaml").write_text(text)
    return check(Options(root, offline=True, cache=False))


def test_the_entry_s_variables_reach_the_paths_of_what_it_declares(tmp_path: Path) -> None:
    report = _checked(tmp_path, sync=SYNC % "")
    assert (report.findings, report.incomplete) == ((), ())
    assert report.summary.reconcilers == 2


def test_where_the_entry_fails_nothing_is_said_of_what_it_would_declare(tmp_path: Path) -> None:
    """One cause, one finding: the path of apps stands there with its variable because the entry could not be built."""
    report = _checked(tmp_path, sync=SYNC % "", settings=SETTINGS % "${UNSET}")
    assert [found.rule for found in report.findings] == ["unset-variable"]


def test_a_path_with_a_variable_that_is_not_known_is_not_followed(tmp_path: Path) -> None:
    other = APPS.replace("apps", "fixed").replace("${ENVIRONMENT}", "none")
    sync = (SYNC % ", substituteFrom: [{kind: Secret, name: absent}]").replace("ENVIRONMENT: dev", "OTHER: a")
    report = _checked(tmp_path, sync=sync, other=other)
    assert [gap.what for gap in report.incomplete] == ["substitute-from"]
    assert [(found.rule, found.place.path) for found in report.findings] == [("missing-path", "clusters/dev/other.yaml")]


EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: tokens}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  target: {name: tokens}
  data: [{secretKey: %s, remoteRef: {key: github}}]
"""


def test_what_is_optional_and_brought_by_the_kustomization_itself_is_there_the_second_time(tmp_path: Path) -> None:
    apps = (
        APPS.replace("${ENVIRONMENT}", "dev") + "  postBuild: {substituteFrom: [{kind: Secret, name: tokens, optional: true}], substitute: {A: b}}\n"
    )
    used = SETTINGS % "${TOKEN}"
    report = _checked(tmp_path, apps=apps, **{"../../apps/dev/settings": used, "../../apps/dev/external": EXTERNAL % "TOKEN"})
    assert [found.rule for found in report.findings if found.rule == "unset-variable"] == []
    report = _checked(tmp_path, apps=apps, **{"../../apps/dev/settings": used, "../../apps/dev/external": EXTERNAL % "OTHER"})
    assert [found.rule for found in report.findings] == ["unset-variable"]


RELEASE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: upstream, namespace: flux-system}
spec: {interval: 1h, url: "https://git.example/upstream", ref: {branch: main}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: quickstart, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: quickstart, sourceRef: {kind: GitRepository, name: upstream}}}
"""


def test_a_source_that_only_a_chart_comes_from_is_not_this_checkout(tmp_path: Path) -> None:
    """Without a bootstrap the one source that Kustomizations follow is taken for this checkout; a chart comes from anywhere."""
    report = _checked(tmp_path, release=RELEASE, apps=SETTINGS % "b")
    assert [found.rule for found in report.findings if found.rule == "helm-render"] == []
    assert [gap.what for gap in report.incomplete] == ["source"]


def test_what_an_absent_secret_sets_is_not_known_and_everything_else_is_checked(tmp_path: Path) -> None:
    """One Secret that is made by hand kept everything below from being looked at."""
    sync = (SYNC % ", substituteFrom: [{kind: Secret, name: absent}]").replace("ENVIRONMENT: dev", "OTHER: a")
    name = SETTINGS % "${HOST} ${PORT:-80} ${OTHER}"
    report = _checked(tmp_path, sync=sync, apps="", name=name, wrong=SETTINGS.replace("\ndata:", "\ndato:").replace("settings", "wrong") % "${HOST}")
    assert [gap.what for gap in report.incomplete] == ["substitute-from"]
    assert [(found.rule, found.place.path) for found in report.findings] == [("api-verdict", "clusters/dev/wrong.yaml")]


ASKING = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: policies, namespace: default}
spec:
  interval: 1h
  chart: {spec: {chart: ./charts/policies, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns}
spec:
  podSelector: {}
  egress: [{to: [{ipBlock: {cidr: %s}}]}]
"""


def _release(root: Path, template: str) -> Report:
    (root / "charts/policies/templates").mkdir(parents=True)
    (root / "charts/policies/Chart.yaml").write_text("apiVersion: v2\nname: policies\nversion: 1.0.0\n")
    (root / "charts/policies/templates/policy.yaml").write_text(template)
    return _checked(root, sync=SYNC % "", release=ASKING)


def test_a_chart_that_asks_the_cluster_and_cannot_be_rendered_without_the_answer_is_not_checked(tmp_path: Path) -> None:
    report = _release(tmp_path, POLICY % '{{ (index (lookup "v1" "Endpoints" "default" "kubernetes").subsets 0).ip }}/32')
    assert [gap.what for gap in report.incomplete] == ["lookup"]
    assert report.findings == ()


def test_what_the_api_server_has_against_a_template_that_asks_the_cluster_is_not_certain(tmp_path: Path) -> None:
    report = _release(tmp_path, POLICY % '{{ with lookup "v1" "Service" "kube-system" "kube-dns" }}{{ .spec.clusterIP }}/32{{ end }}')
    assert [gap.what for gap in report.incomplete] == ["unknown-values"]
    assert "what its template finds in the cluster by lookup" in report.incomplete[0].reason
    assert report.findings == ()


def test_a_template_that_asks_nothing_is_refused_as_ever(tmp_path: Path) -> None:
    report = _release(tmp_path, POLICY % "''")
    assert [found.rule for found in report.findings] == ["api-verdict"]


def test_a_chart_that_has_moved_is_looked_for_elsewhere_in_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "charts/security/policies/templates").mkdir(parents=True)
    (tmp_path / "charts/security/policies/Chart.yaml").write_text("apiVersion: v2\nname: policies\nversion: 1.0.0\n")
    report = _checked(tmp_path, sync=SYNC % "", release=ASKING)
    told = [(found.message.partition(": ")[2], found.fix) for found in report.findings]
    assert told == [("there is no chart charts/policies in the source", "did you mean charts/security/policies?")]


def test_an_entry_is_told_as_what_it_is_a_file_or_a_folder(tmp_path: Path) -> None:
    """kustomize quotes both attempts: that a folder is no file, and that a file is no folder, helps nobody."""
    entries = "resources: [sync.yaml, settings.yaml, %s]\n"
    twice = _checked(tmp_path, sync=SYNC % "", settings=SETTINGS % "b", again=SETTINGS % "b", kustomization=entries % "again.yaml")
    assert [found.message for found in twice.findings if found.rule == "kustomize-build"] == [
        "Kustomization/flux-system/flux-system cannot be built: merging resources from 'again.yaml': may not add resource with an already registered id: "
        "ConfigMap.v1.[noGrp]/settings.default"
    ]
    (tmp_path / "components/a").mkdir(parents=True)
    (tmp_path / "components/a/kustomization.yaml").write_text("kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamespace: default\n")
    (tmp_path / "clusters/dev/kustomization.yaml").write_text(entries % "../../components/a")
    found = check(Options(tmp_path, offline=True, cache=False)).findings
    assert [(each.message, each.place.path, each.place.precision) for each in found if each.rule == "kustomize-build"] == [
        (
            "Kustomization/flux-system/flux-system cannot be built: accumulating resources from '../../components/a': expected kind != 'Component' "
            "for path 'components/a'",
            "clusters/dev/kustomization.yaml",
            "field",
        )
    ]
