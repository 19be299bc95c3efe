"""A small generated repository, and a way to run a command on it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitops_generate.cli.entry import run
from gitops_generate.secrets import sealing
from gitops_validate.engine import Engine

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
DB = "platform/mlflow/data/overlays/{}/secrets/mlflow-db.sops.yaml"
STORE = "platform/store/controller/overlays/{}/secrets/store-admin.sops.yaml"
OIDC = "platform/mlflow/controller/overlays/{}/secrets/mlflow-oidc.sops.yaml"
TLS = "platform/store/config/overlays/prod/secrets/store-tls.sops.yaml"
FOLDERS = ("mlflow/data", "mlflow/controller", "store/controller", "store/config")


def _said(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def opened(path: str, body: bytes, identity: bytes, engine: Engine | None = None) -> dict[str, str]:
    """The values in an encrypted file."""
    if engine is None:
        with Engine([]) as fresh:
            return opened(path, body, identity, fresh)
    sealed = sealing.inspect(engine, {path: body})
    return sealing.values(sealing.decrypt(engine, list(sealed.values()), identity, "a key")[path], path)


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
        return Ran(code, _said(out), _said(err))

    def files(self) -> dict[str, bytes]:
        """All files below the root."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}

    def write(self, path: str, text: str) -> None:
        """Write a file of the repository."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def values(self, path: str, environment: str = "dev") -> dict[str, str]:
        """The values in an encrypted file, as the environment's key opens them."""
        return opened(path, (self.root / path).read_bytes(), self.key(environment).read_bytes())

    def everything(self) -> dict[str, dict[str, str]]:
        """The values in all encrypted files."""
        found = [path for path in self.files() if path.endswith(".sops.yaml") and "/" in path]
        with Engine([]) as engine:
            return {
                path: opened(path, self.files()[path], self.key(path.split("/overlays/")[1].split("/")[0]).read_bytes(), engine) for path in found
            }

    def key(self, environment: str = "dev") -> Path:
        """The private key of an environment."""
        return self.keys / f"{environment}.agekey"


def at_a_terminal(repository: Repository, typed: list[tuple[str, str]], *arguments: str) -> tuple[int, str]:
    """Run `secrets` with a terminal of its own: wait for each prompt, then type."""
    command = [sys.executable, "-m", "gitops_generate", "secrets", "--repo", str(repository.root), "--keys-dir", str(repository.keys), *arguments]
    spawn = f"import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn({command!r})))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", spawn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdin and running.stdout
        deadline = threading.Timer(60, running.kill)
        deadline.start()
        seen = b""
        for prompt, text in typed:
            while not seen.endswith(prompt.encode()) and (byte := running.stdout.read(1)):
                seen += byte
            press(running, text)
            while text == INTERRUPTION and ended(running) is None:
                press(running, text)
        seen += running.stdout.read()
        deadline.cancel()
        return running.wait(), seen.decode()


INTERRUPTION = "\x03"


def press(running: subprocess.Popen[bytes], text: str) -> None:
    """Type a text into a terminal, unless nobody reads it any more."""
    assert running.stdin
    with suppress(BrokenPipeError):
        os.write(running.stdin.fileno(), text.encode())


def ended(running: subprocess.Popen[bytes]) -> int | None:
    """How a command has ended within a second. An interruption that arrives just before Python reads is seen at the next key: people press it again."""
    try:
        return running.wait(1)
    except subprocess.TimeoutExpired:
        return None


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


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without secrets yet."""
    return build(tmp_path)


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with all secrets that can be made; not to be changed."""
    done = build(tmp_path_factory.mktemp("complete"))
    assert done.run().code == 0
    return done


@pytest.fixture
def secured(complete: Repository, tmp_path: Path) -> Repository:
    """A repository with all secrets that can be made."""
    shutil.copytree(complete.root.parent, tmp_path / "secured", symlinks=True)
    return Repository(tmp_path / "secured/repository", tmp_path / "secured/keys")
