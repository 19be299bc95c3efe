"""Merge requests on a generated platform: what each does in every environment, and how much care it wants.

Charts are not at hand here, so that releases are not rendered: what is said of them comes from their own objects.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.model.change import Level, Review
from gitops_validate.report.look import Look
from gitops_validate.report.review import FORMATS, write

pytestmark = pytest.mark.slow
API, PROD = "workloads/api", "workloads/api/overlays/prod/kustomization.yaml"
ALL = ("dev", "prod", "stage")
Edit = Callable[[Path], None]


@dataclass(frozen=True)
class Request:
    """A merge request: what it changes, the level of each environment that it reaches, and the kinds of consequences in prod, or in the first of them."""

    story: str
    edit: Edit
    levels: Mapping[str, str]
    kinds: frozenset[str]
    repository: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.story.replace(" ", "-")


def everywhere(level: str) -> dict[str, str]:
    return dict.fromkeys(ALL, level)


def swap(path: str, old: str, new: str) -> Edit:
    """Replace a text that stands in a file."""

    def edit(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text, f"{old!r} does not stand in {path}"
        (root / path).write_text(text.replace(old, new))

    return edit


def patch(kind: str, body: str, environment: str = "prod", name: str = "api") -> Edit:
    """Patch an object of the workload in one environment."""

    def edit(root: Path) -> None:
        target = root / f"{API}/overlays/{environment}/kustomization.yaml"
        lines = "".join(f"      {line}\n" for line in body.splitlines())
        target.write_text(f"{target.read_text()}patches:\n  - target: {{kind: {kind}, name: {name}}}\n    patch: |\n{lines}")

    return edit


def add(path: str, text: str, where: str = PROD) -> Edit:
    """Write a file, and name it in a kustomization."""

    def edit(root: Path) -> None:
        (root / path).write_text(text)
        named = Path(path).name
        (root / where).write_text((root / where).read_text().replace("  - ../../base\n", f"  - ../../base\n  - {named}\n"))

    return edit


def drop(name: str) -> Edit:
    """Take a file out of the workload's base."""

    def edit(root: Path) -> None:
        swap(f"{API}/base/kustomization.yaml", f"  - {name}\n", "")(root)
        (root / f"{API}/base/{name}").unlink()

    return edit


def both(*edits: Edit) -> Edit:
    def edit(root: Path) -> None:
        for each in edits:
            each(root)

    return edit


def remove(path: str) -> Edit:
    return lambda root: shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()


def rename_environment(root: Path) -> None:
    """What was stage is called qa: its folders, and what names them."""
    for folder in sorted(root.rglob("stage"), reverse=True):
        if folder.is_dir() and ".git" not in folder.parts:
            folder.rename(folder.with_name("qa"))
    for file in (path for path in root.rglob("*.yaml") if ".git" not in path.relative_to(root).parts[:1]):
        text = file.read_text()
        changed = re.sub(r"(overlays|clusters)/stage\b", r"\1/qa", text)
        changed = changed.replace("  stage: {", "  qa: {") if file.name == ".gitops-validate.yaml" else changed
        if changed != text:
            file.write_text(changed)


def new_cluster(root: Path) -> None:
    """A fourth environment, that runs nothing but the workload."""
    (root / "clusters/lab").mkdir()
    shutil.copytree(root / f"{API}/overlays/dev", root / f"{API}/overlays/lab")
    (root / "clusters/lab/kustomization.yaml").write_text("resources: [api.yaml]\n")
    swap(".gitops-validate.yaml", "  prod: {", '  lab: {kubernetes: "1.36", live: false}\n  prod: {')(root)
    text = (root / "clusters/dev/custom/api.yaml").read_text()
    (root / "clusters/lab/api.yaml").write_text(text.replace("overlays/dev", "overlays/lab"))


def move_file(root: Path) -> None:
    """The same object from another file."""
    (root / f"{API}/base/service.yaml").rename(root / f"{API}/base/api-service.yaml")
    swap(f"{API}/base/kustomization.yaml", "- service.yaml", "- api-service.yaml")(root)


def rotate(root: Path) -> None:
    """One environment's data key and values, with its own command."""
    secrets = ["secrets", "rotate", "mlflow/mlflow-session", "--environment", "prod", "--keys-dir", str(root.parent / "keys")]
    from gitops_generate.cli.entry import run  # noqa: PLC0415 - the other half of the distribution

    code = run([*secrets, str(root)])
    assert code == 0, "secrets rotate"


DEPLOYMENT, STORE, NETWORK = f"{API}/base/deployment.yaml", f"{API}/base/database.yaml", f"{API}/base/network.yaml"
HOST_PATH = "spec:\n  template:\n    spec:\n      volumes:\n        - name: node\n          hostPath:\n            path: /etc\n"
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n"
ADMIN = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: api
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: api, namespace: api}]
"""
WAIVERS = "waivers:\n  - rule: plaintext-secret\n    object: Secret/*\n    reason: not now\n"

REQUESTS = [
    Request("nothing but a comment", swap(DEPLOYMENT, "replicas: 2", "replicas: 2 # two"), {}, frozenset()),
    Request("a file that moves", move_file, {}, frozenset()),
    Request("a file that nothing reads", lambda root: (root / "NOTES.yaml").write_text("a: 1\n") and None, {}, frozenset()),
    Request("an image patch in a base", swap(DEPLOYMENT, "api:1.4.0", "api:1.4.1"), everywhere("routine"), frozenset({"image", "restart"})),
    Request("an image major in one overlay", patch("Deployment", f"{HEAD}spec: {{template: {{spec: {{containers: [{{name: api, image: 'registry.acme.example/api:2.0.0'}}]}}}}}}"), {"prod": "careful"}, frozenset({"image", "restart"})),
    Request("another registry", swap(DEPLOYMENT, "registry.acme.example/api", "docker.io/acme/api"), everywhere("careful"), frozenset({"image", "restart"})),
    Request("an environment variable", swap(DEPLOYMENT, "value: info", "value: debug"), everywhere("routine"), frozenset({"restart"})),
    Request("more replicas in prod", patch("Deployment", f"{HEAD}spec: {{replicas: 5}}"), {"prod": "careful"}, frozenset({"replicas", "requests"})),
    Request("no replicas in prod", patch("Deployment", f"{HEAD}spec: {{replicas: 0}}"), {"prod": "dangerous"}, frozenset({"replicas"})),
    Request("a changed selector", swap(DEPLOYMENT, "app: api", "app: web"), everywhere("dangerous"), frozenset({"immutable", "restart"})),
    Request("a single pod is restarted", swap(STORE, "store:3.1.0", "store:3.1.1"), everywhere("careful"), frozenset({"image", "restart"})),
    Request("a shrunk claim", swap(f"{API}/base/claim.yaml", "storage: 50Gi", "storage: 10Gi"), everywhere("dangerous"), frozenset({"shrunk-claim", "immutable"})),
    Request("a grown claim", swap(f"{API}/base/claim.yaml", "storage: 50Gi", "storage: 60Gi"), everywhere("careful"), frozenset({"grown-claim"})),
    Request("a grown claim of a set", swap(STORE, "storage: 20Gi", "storage: 30Gi"), everywhere("dangerous"), frozenset({"grown-claim", "immutable"})),
    Request("another storage class", swap(STORE, "storageClassName: longhorn", "storageClassName: fast"), everywhere("dangerous"), frozenset({"storage-class", "immutable"})),
    Request("a removed database", drop("database.yaml"), everywhere("dangerous"), frozenset({"data"})),
    Request("a removed claim", drop("claim.yaml"), everywhere("dangerous"), frozenset({"data"})),
    Request("a removed namespace", drop("namespace.yaml"), everywhere("dangerous"), frozenset({"namespace"})),
    Request("a removed service without prune", both(swap("clusters/prod/custom/api.yaml", "prune: true", "prune: false"), drop("service.yaml")), {"dev": "careful", "stage": "careful", "prod": "careful"}, frozenset({"guard", "orphaned"})),
    Request("a widened role", swap(f"{API}/base/access.yaml", "resources: [configmaps]", "resources: [configmaps, services]"), everywhere("careful"), frozenset({"access"})),
    Request("a role that reads secrets", swap(f"{API}/base/access.yaml", "resources: [configmaps]", "resources: [configmaps, secrets]"), everywhere("dangerous"), frozenset({"access"})),
    Request("a cluster administrator", add(f"{API}/overlays/prod/admin.yaml", ADMIN), {"prod": "dangerous"}, frozenset({"access"})),
    Request("another role for a binding", swap(f"{API}/base/access.yaml", "kind: Role\n  name: api\nsubjects", "kind: Role\n  name: admin\nsubjects"), everywhere("dangerous"), frozenset({"access", "immutable"})),
    Request("a path of the node", patch("Deployment", HEAD + HOST_PATH), {"prod": "dangerous"}, frozenset({"privileges", "restart"})),
    Request("a lower pod security level", swap(f"{API}/base/namespace.yaml", "enforce: restricted", "enforce: privileged"), everywhere("dangerous"), frozenset({"privileges"})),
    Request("an opened network", swap(NETWORK, "    - from:\n        - podSelector: {}\n", "    - {}\n"), everywhere("dangerous"), frozenset({"network"})),
    Request("a removed network policy", drop("network.yaml"), everywhere("careful"), frozenset({"network"})),
    Request("a service reached from outside", swap(f"{API}/base/service.yaml", "spec:\n", "spec:\n  type: LoadBalancer\n"), everywhere("careful"), frozenset({"network"})),
    Request("a removed disruption budget", drop("disruption.yaml"), everywhere("careful"), frozenset({"disruption"})),
    Request("a policy that only warns", swap(f"{API}/base/policy.yaml", "[Deny]", "[Warn]"), everywhere("dangerous"), frozenset({"policy"})),
    Request("a removed policy", drop("policy.yaml"), everywhere("dangerous"), frozenset({"policy"})),
    Request("another setting", swap(PROD, "LEVEL=info", "LEVEL=debug"), {"prod": "routine"}, frozenset()),
    Request("a suspended reconciler", swap("clusters/prod/custom/api.yaml", "prune: true", "prune: true\n  suspend: true"), {"prod": "careful"}, frozenset({"suspended"})),
    Request("a change below a suspended reconciler", both(swap("clusters/prod/custom/api.yaml", "prune: true", "prune: true\n  suspend: true"), swap(PROD, "LEVEL=info", "LEVEL=debug")), {"prod": "careful"}, frozenset({"suspended", "waits"})),
    Request("a chart major", swap("platform/mlflow/controller/overlays/prod/version.yaml", "version: 1.11.5", "version: 2.0.0"), {"prod": "careful"}, frozenset({"version"})),
    Request("a chart patch", swap("platform/valkey/controller/overlays/prod/version.yaml", "tag: 0.11.0", "tag: 0.11.1"), {"prod": "routine"}, frozenset({"version"})),
    Request("fewer database instances", swap("platform/mlflow/data/overlays/prod/database.yaml", "instances: 3", "instances: 1"), {"prod": "careful"}, frozenset({"replicas"})),
    Request("a smaller database volume", swap("platform/mlflow/data/overlays/prod/database.yaml", "size: 50Gi", "size: 20Gi"), {"prod": "dangerous"}, frozenset({"shrunk-claim"})),
    Request("another host name", swap("platform/mlflow/config/overlays/prod/routes.yaml", "mlflow.ml.acme.example", "models.ml.acme.example"), {"prod": "careful"}, frozenset({"network"})),
    Request("a broken overlay", swap(PROD, "- ../../base", "- ../../bsae"), {"prod": "dangerous"}, frozenset({"fails"})),
    Request("a removed component", both(swap("clusters/prod/kustomization.yaml", "  - valkey.yaml\n", ""), remove("clusters/prod/valkey.yaml")), {"prod": "dangerous"}, frozenset({"uninstalled", "secret"})),
    Request("a new cluster", new_cluster, {"lab": "careful"}, frozenset({"new-environment"}), frozenset({"configuration"})),
    Request("a removed folder of an environment", remove("clusters/stage"), {"stage": "dangerous"}, frozenset({"fails"})),
    Request("a removed environment", both(remove("clusters/stage"), swap(".gitops-validate.yaml", '  stage: {kubernetes: "1.36", live: false, domain: stage.ml.acme.example}\n', "")), {"stage": "dangerous"}, frozenset({"gone-environment"}), frozenset({"configuration"})),
    Request("a renamed environment", rename_environment, {"qa": "careful"}, frozenset({"renamed-environment", "target"}), frozenset({"configuration", "recipients"})),
    Request("a new waiver", swap(".gitops-validate.yaml", "waivers: #", f"{WAIVERS}  #"), {}, frozenset(), frozenset({"configuration"})),
    Request("a waiver at an object", swap(f"{API}/base/claim.yaml", "metadata:\n", "metadata:\n  annotations:\n    gitops-validate/allow.unused-claim: not yet\n"), everywhere("routine"), frozenset(), frozenset({"configuration"})),
    Request("a new declaration", swap(".gitops-validate.yaml", "differ:", "differ:\n  - fields: ['**.resources']\n    reason: why not\n#"), {}, frozenset(), frozenset({"configuration"})),
    Request("a new reader of prod", swap(".sops.yaml", "overlays/prod/secrets/[^/]+\\.sops\\.yaml$\n    encrypted_regex: ^(data|stringData)$\n    age:\n", "overlays/prod/secrets/[^/]+\\.sops\\.yaml$\n    encrypted_regex: ^(data|stringData)$\n    age:\n      - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z\n"), {}, frozenset(), frozenset({"recipients"})),
    Request("a loosened pipeline", swap(".gitlab-ci.yml", "interruptible: true", "interruptible: true\n  allow_failure: true"), {}, frozenset(), frozenset({"pipeline"})),
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_merge_request_has_its_level_and_its_consequences(request_: Request, copy: Path, reviewed: Any) -> None:
    request_.edit(copy)
    review = reviewed()
    said = [
        f"{each.name}: {impact.level.label} {impact.kind} {impact.object} {impact.message}" for each in review.environments for impact in each.impacts
    ]
    levels = {each.name: each.level.label for each in review.environments if each.level is not Level.NOTHING}
    assert levels == dict(request_.levels), said
    reached = {each.name: each for each in review.environments if each.name in levels}
    shown = reached.get("prod") or next(iter(reached.values()), None)
    assert {impact.kind for impact in (shown.impacts if shown else ())} == set(request_.kinds), said
    assert {impact.kind for impact in review.repository} == set(request_.repository)
    assert [told(reviewed(), form) for form in FORMATS] == [told(review, form) for form in FORMATS], "a review that was kept says less"


def told(review: Review, form: str) -> str:
    out = io.StringIO()
    write(form, review, out, Look())
    return out.getvalue()


def test_there_are_enough_requests() -> None:
    assert len(REQUESTS) >= 30


def test_what_git_says_has_changed_is_what_the_review_lists(copy: Path, reviewed: Any) -> None:
    swap(DEPLOYMENT, "replicas: 2", "replicas: 3")(copy)
    (copy / "README.md").write_text("another\n")
    changed = subprocess.run(["git", "diff", "--name-only"], cwd=copy, check=True, capture_output=True, text=True).stdout.split()
    review = reviewed()
    assert sorted(review.files) == sorted(changed)
    assert review.unread == ("README.md",)
