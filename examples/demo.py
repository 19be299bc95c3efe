"""`make demo`: checks an example platform, plants seven faults such as people commit them, checks it again; then generates a platform and checks that.

Offline, in a temporary folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

EXAMPLE = Path(__file__).parent / "acme"
OURS = Path(sys.executable).with_name("gitops-validate")
GENERATE = Path(sys.executable).with_name("gitops-generate")
FOUND, GAPS = 1, 3


class Fault(NamedTuple):
    """A text in a file, what somebody wrote in its place, and the rule and line that a finding names."""

    story: str
    file: str
    old: str
    new: str
    rule: str
    line: str
    place: str = ""
    """Where that line is, when it is not in `file`."""


FAULTS = (
    Fault(
        "a values key with a typing error: Helm ignores it, and stage keeps one replica",
        "platform/model-registry/controller/overlays/stage/values.yaml",
        "replicas: 2",
        "replica: 2",
        "unknown-values-key",
        "replica: 2",
    ),
    Fault(
        "a dependency that does not exist: in prod, the prediction API would wait for ever",
        "clusters/prod/workloads.yaml",
        "name: model-registry-config",
        "name: model-registry-conf",
        "dangling-depends-on",
        "- name: model-registry-conf",
    ),
    Fault(
        "a port that no JSON Schema minds, and the API server refuses",
        "workloads/prediction-api/base/deployment.yaml",
        "containerPort: 8080",
        "containerPort: 80800",
        "api-verdict",
        "containerPort: 80800",
    ),
    Fault(
        "an API that Kubernetes removed",
        "workloads/prediction-api/base/disruption-budget.yaml",
        "apiVersion: policy/v1\n",
        "apiVersion: policy/v1beta1\n",
        "removed-api",
        "apiVersion: policy/v1beta1",
    ),
    Fault(
        "a variable that dev does not set: Flux 2.9 stops there",
        "clusters/dev/cluster-settings.yaml",
        "CLUSTER_DOMAIN:",
        "CLUSTER_DOMAINE:",
        "unset-variable",
        "- predict.${CLUSTER_DOMAIN}",
        "workloads/prediction-api/base/route.yaml",
    ),
    Fault(
        "a model in production that nobody approved: a rule (CEL) in the company's own CRD, which the chart brings",
        "platform/model-registry/config/overlays/stage/surface-defects.yaml",
        "  approvedBy: quality@acme.example\n",
        "",
        "api-verdict",
        "spec:",
    ),
    Fault(
        "a password in plain text beside the encrypted ones",
        "platform/model-registry/controller/overlays/prod/secrets/kustomization.yaml",
        "resources:\n",
        "resources:\n  - mail.yaml\n",
        "plaintext-secret",
        "SMTP_PASSWORD: correct-horse-battery-staple",
        "platform/model-registry/controller/overlays/prod/secrets/mail.yaml",
    ),
)
MAIL_ACCOUNT = """\
apiVersion: v1
kind: Secret
metadata:
  name: model-registry-mail
  namespace: model-registry
stringData:
  SMTP_PASSWORD: correct-horse-battery-staple
"""


def main() -> int:
    """Tell the story; fails when the example is not as it says."""
    with tempfile.TemporaryDirectory(prefix="gitops-validate-demo-") as folder:
        checkout = Path(folder, "acme")
        shutil.copytree(EXAMPLE, checkout)
        tell("Acme Optics runs a model registry and a prediction API on three clusters, from one Flux repository (examples/acme).")
        clean = check(checkout)
        tell("Now seven faults, such as people commit them:")
        for number, fault in enumerate(FAULTS, start=1):
            plant(checkout, fault)
            print(f"  {number}. {fault.story}\n     {fault.file}")
        broken = check(checkout)
        tell(
            "Each environment was rendered as Flux renders it (kustomize, substitution, Helm with values from generated ConfigMaps, secrets left\n"
            "encrypted), and every object was judged by the API server's own code, offline and without a cluster. Each finding names the line to\n"
            "edit, the environments it stops, and what to write instead."
        )
        tell("The other half writes such repositories. A whole platform for dev, stage and prod, with a key and encrypted secrets for each:")
        generated = generate(Path(folder))
        whole = check(Path(folder, "acme-ml"))
    tell(
        "What this showed: nothing was found in the generated platform either. What was not checked is named, and has an exit code of its own: the\n"
        "charts come from their publishers, and the demo asks nobody. With a network, or with charts.mirrors in .gitops-validate.yaml, they are\n"
        "rendered and judged as well.\n"
        "Next: `.venv/bin/gitops-generate new my-platform` asks for your own answers; `.venv/bin/gitops-validate check PATH` reads a repository of\n"
        "yours, and `.venv/bin/gitops-validate explain RULE` explains what it finds."
    )
    codes, expected = (clean, broken, generated, whole), (0, FOUND, 0, GAPS)
    if codes != expected:
        print(f"demo: expected exit codes {expected}, got {codes}", file=sys.stderr)
        return 1
    return 0


def generate(folder: Path) -> int:
    """Generate a platform from the default answers; its private keys stay in the demo's own folder."""
    command = ["new", "acme-ml", "--defaults", "--no-check", "--keys-dir", "keys"]
    print(f"\n$ gitops-generate {' '.join(command)}", flush=True)
    return subprocess.run([GENERATE, *command], cwd=folder, check=False).returncode


def plant(checkout: Path, fault: Fault) -> None:
    """Write one fault into the copy."""
    file = checkout / fault.file
    before = file.read_text()
    if fault.old not in before:
        raise SystemExit(f"demo: {fault.file} no longer holds {fault.old!r}")
    file.write_text(before.replace(fault.old, fault.new))
    if "mail.yaml" in fault.new:
        file.with_name("mail.yaml").write_text(MAIL_ACCOUNT)


def check(checkout: Path) -> int:
    """Run the validator as a person would; its exit code."""
    print(f"\n$ gitops-validate check {checkout.name} --offline", flush=True)
    code = subprocess.run([OURS, "check", checkout.name, "--offline"], cwd=checkout.parent, check=False).returncode
    print(f"(exit code {code})", flush=True)
    return code


def tell(text: str) -> None:
    """A paragraph."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
