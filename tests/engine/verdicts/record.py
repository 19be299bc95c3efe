"""Ask a real API server about good objects and single mutations of them, and record its verdicts.

    python tests/engine/verdicts/record.py SERVER TOKEN [BASES] > tests/engine/verdicts/recorded.jsonl

Each line is one object with what the server answered to a create with strict fields and to a server-side apply, both as dry runs:
`null` for accepted, else the status's message and the fields of its causes. The namespace `default` must exist.
"""

from __future__ import annotations

import copy
import http.client
import json
import random
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

SEED = 20261123
PER_OBJECT = 14
"""Mutations of one object that are kept, drawn from all that can be made of it."""
ODD = ["Not_A_Name!", "", -1, 99999999, "a b", True, [], {}, {"x": "y"}, "1.2.3.4.5", "=", None, 0.5]


class Server:
    """One connection to an API server."""

    def __init__(self, url: str, token: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        parts = urlsplit(url)
        self.connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.resources = dict(self.discover())

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple[int, Any]:
        self.connection.request(method, path, json.dumps(body) if body is not None else None, {**self.headers, "Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def discover(self) -> Iterator[tuple[tuple[str, str], tuple[str, str, bool]]]:
        groups = [("/api/v1", "v1")] + [
            (f"/apis/{v['groupVersion']}", v["groupVersion"]) for g in self.ask("GET", "/apis")[1]["groups"] for v in g["versions"]
        ]
        for path, version in groups:
            for resource in self.ask("GET", path)[1]["resources"]:
                if "/" not in resource["name"]:
                    yield (version, resource["kind"]), (path, resource["name"], resource["namespaced"])

    def verdicts(self, thing: dict[str, Any]) -> dict[str, Any] | None:
        """Both verdicts, None when the object has no address."""
        place = self.resources.get((thing.get("apiVersion", ""), thing.get("kind", "")))
        metadata = thing.get("metadata")
        if place is None or not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
            return None
        path, plural, namespaced = place
        path += f"/namespaces/{metadata.get('namespace') or 'default'}/{plural}" if namespaced else f"/{plural}"
        created = self.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", thing)
        applied = self.ask(
            "PATCH",
            f"{path}/{address(metadata['name'])}?dryRun=All&fieldValidation=Strict&fieldManager=x&force=true",
            thing,
            "application/apply-patch+yaml",
        )
        return {"create": said(*created), "apply": said(*applied)}


def address(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else f"%{ord(c):02X}" for c in name) or "%20"


def said(code: int, body: Any) -> Any:
    """What a refusal says, None for acceptance; an object that is there already was accepted before it was stored."""
    if code < 300 or body.get("reason") == "AlreadyExists":
        return None
    causes = (body.get("details") or {}).get("causes") or []
    return {"reason": body.get("reason"), "message": body.get("message"), "fields": [cause.get("field", "") for cause in causes]}


def mutations(base: dict[str, Any], dice: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects that differ from the base in one place."""
    for route in routes(base):
        if not route or route in (("apiVersion",), ("kind",), ("metadata", "name")):
            continue
        name = "/".join(map(str, route))
        yield f"without {name}", changed(base, route, "drop", None)
        yield f"odd {name}", changed(base, route, "set", dice.choice(ODD))
        value = at(base, route)
        if isinstance(value, dict):
            yield f"unknown in {name}", changed(base, (*route, "unknownField"), "set", "x")
        if isinstance(value, list) and value:
            yield f"twice {name}", changed(base, route, "set", [*value, copy.deepcopy(value[0])])
        if isinstance(value, str):
            yield f"garbled {name}", changed(base, route, "set", value + "_!")
        if isinstance(value, int) and not isinstance(value, bool):
            yield f"text {name}", changed(base, route, "set", "text")
    yield "name", changed(base, ("metadata", "name"), "set", "Not_A_Name")
    yield "label", changed(base, ("metadata", "labels"), "set", {"bad key!": "v"})
    yield "annotation", changed(base, ("metadata", "annotations"), "set", {"a/b/c": "v"})


def routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from routes(below, (*route, key))


def at(value: Any, route: tuple[Any, ...]) -> Any:
    for key in route:
        value = value[key]
    return value


def changed(base: dict[str, Any], route: tuple[Any, ...], how: str, value: Any) -> dict[str, Any]:
    thing = copy.deepcopy(base)
    parent = at(thing, route[:-1]) if route[:-1] in set(routes(thing)) else thing.setdefault(route[0], {})
    if how == "drop":
        del parent[route[-1]]
    else:
        parent[route[-1]] = value
    return thing


def main(url: str, token: str, bases: str = str(Path(__file__).parent / "bases.yaml")) -> None:
    server, dice = Server(url, token), random.Random(SEED)
    for base in YAML(typ="safe", pure=True).load_all(Path(bases).read_text()):
        drawn = sorted(mutations(base, dice), key=lambda pair: pair[0])
        for name, thing in [("good", base), *dice.sample(drawn, min(PER_OBJECT, len(drawn)))]:
            verdicts = server.verdicts(thing)
            if verdicts:
                print(json.dumps({"case": f"{base['kind']}: {name}", **verdicts, "object": thing}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
