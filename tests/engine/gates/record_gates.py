"""Ask API servers with feature gates and runtime configurations of their own what they answer, and record it.

    python tests/engine/gates/record_gates.py SERVER TOKEN 1.36-zero

The server is a kube-apiserver 1.37 with the flags that servers.yaml has under that name: `--emulated-version=1.36 --feature-gates=HPAScaleToZero=true`.
NAME.json says what it answered to the objects of switched.yaml and of tests/engine/versions/gated.yaml, in the form of tests/engine/cases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / name) for name in ("versions", "cases", "verdicts")]
from record import Server  # noqa: E402
from record_cases import cases  # noqa: E402
from record_versions import gated, said  # noqa: E402


def servers() -> dict[str, dict[str, Any]]:
    """The servers that were asked, by name."""
    found: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load((HERE / "servers.yaml").read_text())
    return found


def switched() -> Iterator[tuple[str, Any]]:
    """All objects, by name."""
    yield from cases(HERE / "switched.yaml")
    yield from gated()


def main(url: str, token: str, name: str) -> None:
    server = Server(url, token)
    lines = [f"{json.dumps(each)}: {json.dumps(said(server, thing))}" for each, thing in switched()]
    (HERE / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
