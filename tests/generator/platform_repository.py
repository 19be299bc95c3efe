"""A small generated repository, and a way to run a command on it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.cli.entry import run

ANSWERS = """\
_src_path: gitops-generate
platform: acme-ml
environments:
  - {name: dev, live: true}
  - {name: prod, live: false}
"""
CATALOGUE = """\
secrets:
  - name: mlflow-db
    namespace: mlflow
    component: mlflow
    stage: data
    type: kubernetes.io/basic-auth
    labels: {cnpg.io/reload: "true"}
    purpose: the role that MLflow uses in its database
    restarts: [{kind: Deployment, name: mlflow, release: mlflow, stage: controller}]
    keys:
      username: {fixed: mlflow}
      password: {generate: password, length: 32, alphabet: "abcdefghij@/:%?#"}
      uri: {derive: "postgresql://{username}:{password}@mlflow-db-rw.mlflow.svc:5432/mlflow"}
  - name: mlflow-oidc
    namespace: mlflow
    component: mlflow
    stage: controller
    purpose: signs people in
    keys:
      client-id: {given: "the identity provider, clients"}
      client-secret: {given: "the identity provider, clients > mlflow > credentials"}
      cookie: {generate: base64, bytes: 32}
  - name: store-admin
    namespace: store
    component: store
    stage: controller
    purpose: the administrator of the store
    restarts: [{kind: StatefulSet, name: store}]
    keys:
      user: {fixed: admin}
      password: {generate: hex, bytes: 20}
      users: {generate: htpasswd, user: admin, from: password}
      database: {copy: mlflow-db/password}
      config.json: {derive: '{{"admin": "{password}", "db": "{mlflow-db/password}"}}', json: true}
  - name: store-tls
    namespace: store
    component: store
    stage: config
    type: kubernetes.io/tls
    purpose: encrypts traffic inside the store
    environments: [prod]
    keys:
      tls.crt: {generate: tls, part: certificate, common_name: store, dns: [store.store.svc], ca: true, days: 30}
      tls.key: {generate: tls, part: key}
"""
EMPTY_COMPONENT = "# Kept by `gitops-generate secrets`.\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: []\n"
SOPS = "# Who can read what.\ncreation_rules: []\n"
FOLDERS = ("mlflow/data", "mlflow/controller", "store/controller", "store/config")


@contextmanager
def redirected_stdin(stream: io.TextIOWrapper) -> Iterator[None]:
    """Let a pipe be standard input."""
    before, sys.stdin = sys.stdin, stream
    try:
        yield
    finally:
        sys.stdin = before


@dataclass
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass
class Repository:
    """A generated repository in a folder of its own, and the folder of its keys."""

    root: Path
    keys: Path

    def run(self, *arguments: str, stdin: str | None = None) -> Ran:
        """Run `gitops-generate secrets`, as a shell would."""
        where = ["--repo", str(self.root), "--keys-dir", str(self.keys)]
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        given = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), "utf-8")
        with redirect_stdout(out), redirect_stderr(err), redirected_stdin(given):
            code = run(["secrets", *where, *arguments])
        return Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err) if not stream.flush()))

    def files(self) -> dict[str, bytes]:
        """All files below the root."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}

    def write(self, path: str, text: str) -> None:
        """Write a file of the repository."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def key(self, environment: str = "dev") -> Path:
        """The private key of an environment."""
        return self.keys / f"{environment}.agekey"


def build(folder: Path, catalogue: str = CATALOGUE) -> Repository:
    """Write a repository as the template leaves it."""
    repository = Repository(folder / "repository", folder / "keys")
    repository.write(".copier-answers.yml", ANSWERS)
    repository.write("secret-catalogue.yaml", catalogue)
    repository.write(".sops.yaml", SOPS)
    for place in FOLDERS:
        for environment in ("dev", "prod"):
            repository.write(f"platform/{place}/overlays/{environment}/secrets/kustomization.yaml", EMPTY_COMPONENT)
    return repository
