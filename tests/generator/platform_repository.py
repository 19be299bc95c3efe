"""A small generated repository, and a way to run a command on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from gitops_generate.cli_secrets import secrets
from gitops_generate.errors import Refused, WrongAnswer

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
        """Run `gitops-generate secrets` as its entry point does."""
        done = CliRunner().invoke(secrets, self.options(arguments), input=stdin, standalone_mode=False, prog_name="gitops-generate secrets")
        fault = done.exception
        if isinstance(fault, Refused):
            return Ran(2 if isinstance(fault, WrongAnswer) else 1, done.stdout, f"{done.stderr}{fault}\n")
        if fault is not None:
            if hasattr(fault, "format_message"):
                return Ran(2, done.stdout, done.stderr + fault.format_message())
            raise fault
        return Ran(done.return_value or 0, done.stdout, done.stderr)

    def options(self, arguments: tuple[str, ...]) -> list[str]:
        if not arguments:
            arguments = ("make",)
        place = ["--repo", str(self.root)]
        return [
            *arguments,
            *place,
            *([] if arguments[0] == "status" or arguments[:2] == ("recipients", "list") else ["--keys-dir", str(self.keys)]),
        ]

    def files(self) -> dict[str, bytes]:
        """All files below the root."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}

    def write(self, path: str, text: str) -> None:
        """Write a file of the repository."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def key(self, environment: str = "dev") -> Path:
        """The private key of an environment."""
        return self.keys / "acme-ml" / f"{environment}.agekey"


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
