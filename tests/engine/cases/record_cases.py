"""Ask a real API server about what people get wrong, and record its verdicts.

    python tests/engine/cases/record_cases.py SERVER TOKEN [FILE.yaml…]

Each document of a file has a `base`, a good object, and `cases`: names with the changes that make them, JSON Pointers and what to put there
(a leading "-" takes the field away, a last part "-" appends). Beside the file, NAME.json says what the server answered to a create with
strict fields and to a server-side apply, both as dry runs: null for accepted, else the fields that it named. With `--words` the server's
messages go to stdout.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "verdicts"))
from record import Server, address, said  # noqa: E402

STRICT = re.compile(r'(?:unknown|duplicate) field "([^"]+)"')
MISTYPED = re.compile(r"into Go struct field [^.\s]+\.(\S+) of type")
TYPED = re.compile(r"(?m)(?:^\s*|\): )\.((?:[^:\s\[]|\[[^\]]*\])+): ")


def changed(base: Any, changes: dict[str, Any] | None) -> Any:
    """A copy of the base with each change made."""
    thing = copy.deepcopy(base)
    for pointer, value in (changes or {}).items():
        *route, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("-").split("/")[1:])
        parent = thing
        for part in route:
            parent = parent[int(part)] if isinstance(parent, list) else parent.setdefault(part, {})
        if isinstance(parent, list):
            parent[int(last) if last != "-" else len(parent) :] = [value]
        elif pointer.startswith("-"):
            del parent[last]
        else:
            parent[last] = value
    return thing


def ask(server: Server, thing: Any) -> tuple[Any, Any]:
    """What the server says to a create and to an apply. Where there is no address to send it to, kubectl says no itself."""
    place = server.resources.get((thing.get("apiVersion", ""), thing.get("kind", "")))
    metadata = thing.get("metadata") or {}
    nowhere = {"message": "no matches for kind", "fields": []}
    if place is None:
        return nowhere, nowhere
    path, plural, namespaced = place
    path += f"/namespaces/{metadata.get('namespace') or 'default'}/{plural}" if namespaced else f"/{plural}"
    created = said(*server.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", thing))
    if not metadata.get("name"):
        return created, {"message": "resource name may not be empty", "fields": ["metadata.name"]}
    query = "dryRun=All&fieldValidation=Strict&fieldManager=x&force=true"
    return created, said(*server.ask("PATCH", f"{path}/{address(metadata['name'])}?{query}", thing, "application/apply-patch+yaml"))


def fields(answer: Any) -> list[str] | None:
    """The fields that a refusal names, in its details or else in its words."""
    if answer is None:
        return None
    named = answer["fields"]
    for pattern in (STRICT, MISTYPED, TYPED):
        named = named or pattern.findall(answer["message"] or "")
    return sorted(set(named))


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    for document in YAML(typ="safe", pure=True).load_all(path.read_text()):
        for name, changes in document["cases"].items():
            yield name, changed(document["base"], changes)


def main(url: str, token: str, *arguments: str) -> None:
    server = Server(url, token)
    paths = [Path(name) for name in arguments if name != "--words"] or sorted(HERE.glob("*.yaml"))
    for path in paths:
        answers = {name: ask(server, thing) for name, thing in cases(path)}
        lines = [f"{json.dumps(name)}: {json.dumps([fields(create), fields(apply)])}" for name, (create, apply) in answers.items()]
        path.with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
        if "--words" in arguments:
            print(json.dumps({path.stem: {name: [answer and answer["message"] for answer in pair] for name, pair in answers.items()}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
