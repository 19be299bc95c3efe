"""What a Secret in plain text holds is in no output, wherever postBuild, values and generators have put it."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from gitops_validate.cli.entry import run
from gitops_validate.report import FORMATS

VALUE = "Tr0ub4dor-and-3"
FILES = {
    "clusters/dev/flux-system.yaml": """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: web
  namespace: flux-system
spec:
  interval: 10m
  path: ./web
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substituteFrom:
      - kind: Secret
        name: vars
""",
    "clusters/dev/vars.yaml": f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: vars\n  namespace: flux-system\nstringData:\n  TOKEN: {VALUE}\n",
    "web/web.yaml": """apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: default
data:
  login: web:${TOKEN}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: default
  labels:
    token: "${TOKEN}!"
spec:
  type: ${TOKEN}
  externalName: ${TOKEN}_
  ports:
    - name: ${TOKEN}
      port: 80
""",
}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def is_clean(text: str) -> bool:
    return VALUE not in text and b64encode(VALUE.encode()).decode() not in text


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_it(form: str, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(repo), "--offline", "--no-cache", "--format", form]) == 1
    said = "".join(capsys.readouterr())
    assert "hidden" in said
    assert is_clean(said), [line for line in said.splitlines() if not is_clean(line)]


def test_what_is_rendered_does_not_hold_it(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(repo), "--env", "dev", "--offline", "--no-cache"]) == 0
    said = "".join(capsys.readouterr())
    assert "login: web:<hidden>" in said
    assert "port: 80" in said
    assert is_clean(said)


def test_a_failure_does_not_quote_it(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = repo / "web/web.yaml"
    file.write_text(file.read_text().replace("name: settings", "name: [settings, ${TOKEN}"))
    assert run(["render", str(repo), "--env", "dev", "--offline", "--no-cache"]) == 1
    assert is_clean("".join(capsys.readouterr()))
    assert run(["check", str(repo), "--offline", "--no-cache"]) == 1
    assert is_clean("".join(capsys.readouterr()))


RUNNING = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${TOKEN}
  namespace: default
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example/${TOKEN}/web:1.4.0
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: charts
  namespace: default
spec:
  interval: 1h
  url: https://charts.example/${TOKEN}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${TOKEN}
  namespace: default
spec:
  interval: 1h
  chart:
    spec:
      chart: web
      version: 1.0.${TOKEN}
      sourceRef:
        kind: HelmRepository
        name: charts
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: after
  namespace: flux-system
spec:
  interval: 10m
  path: ./gone/${TOKEN}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  dependsOn:
    - name: ${TOKEN}
"""


@pytest.mark.parametrize(
    ("command", "form", "told"),
    [
        ("images", "text", "registry.example/<hidden>/web:1.4.0"),
        ("images", "json", "registry.example/<hidden>/web:1.4.0"),
        ("charts", "text", "HelmRelease/default/<hidden>"),
        ("charts", "json", "HelmRelease/default/<hidden>"),
        ("graph", "text", "after Kustomization/flux-system/<hidden>"),
        ("graph", "mermaid", "HelmRelease/default/#60;hidden#62;"),
        ("graph", "json", "Kustomization/flux-system/<hidden>"),
        ("envs", "text", "<hidden>"),
        ("envs", "json", '"replicas": 3'),
        ("envs", "markdown", "hidden"),
    ],
)
def test_no_list_holds_it(command: str, form: str, told: str, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "web/running.yaml").write_text(RUNNING)
    run([command, str(repo), "--offline", "--no-cache", "--format", form])
    out, err = capsys.readouterr()
    assert told in out
    assert is_clean(out) and is_clean(err), [line for line in (out + err).splitlines() if not is_clean(line)]


def test_words_that_a_secret_happens_to_hold_stay_where_nothing_flows(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is rendered is what the cluster gets; a user called admin does not rename a role, nor does the Secret's own reconciler read it."""
    (repo / "clusters/dev/login.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: default}\nstringData: {user: admin, host: db.default.svc}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: admin, namespace: default}\ndata: {role: cluster-admin, host: db.default.svc}\n"
    )
    run(["render", str(repo), "--env", "dev", "--offline", "--no-cache"])
    said = "".join(capsys.readouterr())
    assert "role: cluster-admin" in said and "host: db.default.svc" in said and "name: admin" in said
    assert "user: admin" not in said
    assert is_clean(said)


def test_it_is_hidden_where_it_flows_on_from_one_reconciler_to_the_next(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ConfigMap that a substitution has filled is what the next one takes its variables from, and what a release takes its values from."""
    (repo / "web/next.yaml").write_text(
        FILES["clusters/dev/flux-system.yaml"]
        .replace("name: web", "name: next")
        .replace("path: ./web", "path: ./next")
        .replace("kind: Secret\n        name: vars", "kind: ConfigMap\n        name: handed-on")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: handed-on, namespace: flux-system}\ndata: {AGAIN: 'x-${TOKEN}'}\n"
        + "---\n"
        + FILES["clusters/dev/flux-system.yaml"]
        .partition("  postBuild")[0]
        .replace("name: web", "name: inline")
        .replace("path: ./web", "path: ./inline")
        + "  postBuild: {substitute: {AGAIN: '${TOKEN}'}}\n"
    )
    for name in ("next", "inline"):
        (repo / name).mkdir()
        (repo / f"{name}/settings.yaml").write_text(
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\ndata: {{login: 'web:${{AGAIN}}'}}\n"
        )
    run(["render", str(repo), "--env", "dev", "--offline", "--no-cache"])
    said = "".join(capsys.readouterr())
    assert "login: web:x-<hidden>" in said and "login: web:<hidden>" in said
    assert is_clean(said), [line for line in said.splitlines() if not is_clean(line)]


def test_messages_keep_words_that_a_secret_happens_to_hold(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "clusters/dev/login.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: default}\nstringData: {user: admin, password: horse-and-staple}\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: admin}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: horse-and-staple}\nsubjects: []\n"
    )
    assert run(["check", str(repo), "--offline", "--no-cache"]) == 1
    said = "".join(capsys.readouterr())
    assert "ClusterRoleBinding/admin" in said
    assert "the ClusterRole <hidden>, which" in said, "long values are no words that stand somewhere by chance"
