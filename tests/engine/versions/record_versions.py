"""Ask API servers that emulate former versions what they answer differently, and record it.

    python tests/engine/versions/record_versions.py SERVER TOKEN 1.34

The server is a kube-apiserver 1.37 with `--emulated-version=1.34`; for 1.33 it was one of 1.36, since three versions back is the furthest.
VERSION.json says what it answered to gated.yaml, in the form of tests/engine/cases, and, of the objects in tests/engine/cases,
tests/engine/exam and tests/engine/verdicts, where it answered otherwise than the server of the version that those were recorded of.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "cases"), str(HERE.parent / "verdicts")]
from record import Server  # noqa: E402
from record_cases import ask, cases, fields  # noqa: E402

Answers = tuple[Any, Any]


def gated() -> Iterator[tuple[str, Any]]:
    """The objects that versions answer differently, by name."""
    yield from cases(HERE / "gated.yaml")


def recorded() -> Iterator[tuple[str, Any, Answers]]:
    """All objects of built-in kinds that a server of the newest version was asked about, with what it answered."""
    for folder in ("cases", "exam"):
        for path in sorted((HERE.parent / folder).glob("*.yaml")):
            answers = json.loads(path.with_suffix(".json").read_text())
            yield from ((f"{folder}/{path.stem}: {name}", thing, tuple(answers[name])) for name, thing in cases(path))
    for number, line in enumerate((HERE.parent / "verdicts" / "recorded.jsonl").read_text().splitlines()):
        each = json.loads(line)
        yield f"verdicts {number}: {each['case']}", each["object"], (fields(each["create"]), fields(each["apply"]))


def main(url: str, token: str, version: str) -> None:
    server = Server(url, token)
    told = {name: said(server, thing) for name, thing in gated()}
    other = {name: now for name, thing, newest in recorded() if (now := said(server, thing)) != newest}
    sections = [
        f'"{title}": {{\n' + ",\n".join(f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in found.items()) + "\n}"
        for title, found in (("gated", told), ("other", other))
    ]
    (HERE / f"{version}.json").write_text("{" + ",\n".join(sections) + "}\n")


def said(server: Server, thing: Any) -> Answers:
    """The fields that a refusal names, None for acceptance, of a create and of an apply."""
    created, applied = ask(server, thing)
    return fields(created), fields(applied)


if __name__ == "__main__":
    main(*sys.argv[1:])
