"""Try to start a kube-apiserver with flags, and record what it does not start with.

    python tests/engine/gates/record_refusals.py kube-apiserver

The binary is one of 1.37, run with `--emulated-version` and flags of refusals.yaml in a folder of its own. There is no etcd where it looks for one: what
it has to say about its flags it says before.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
FAILED = re.compile(r'"command failed" err="(.*)"|^Error: (.*)', re.MULTILINE)
UNREACHED = "etcd"
SECONDS = 30


def tried() -> dict[str, dict[str, Any]]:
    """Versions and flags, by name."""
    found: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load((HERE / "refusals.yaml").read_text())
    return found


def said(binary: str, folder: str, flags: dict[str, Any]) -> str | None:
    """What the server ends with, None if it gets as far as to look for its etcd."""
    own = [f"--{flag}={value}" for flag in ("feature-gates", "runtime-config") for value in flags.get(flag, ())]
    line = [binary, f"--emulated-version={flags['version']}", *own, "--etcd-servers=http://127.0.0.1:1", "--bind-address=127.0.0.1"]
    line += ["--secure-port=16499", "--cert-dir=certs", "--service-cluster-ip-range=10.96.0.0/16", "--service-account-issuer=https://a.example"]
    line += ["--service-account-key-file=sa.key", "--service-account-signing-key-file=sa.key", "--authorization-mode=AlwaysAllow"]
    output = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False).stderr
    for found in FAILED.finditer(output):
        message = (found[1] or found[2]).replace('\\"', '"')
        return None if UNREACHED in message else message
    return None


def main(binary: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "genrsa", "-out", "sa.key", "2048"], cwd=folder, check=True, capture_output=True)
        answers = {name: said(binary, folder, flags) for name, flags in tried().items()}
    (HERE / "refusals.json").write_text(json.dumps(answers, indent=0) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
