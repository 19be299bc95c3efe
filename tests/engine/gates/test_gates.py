"""Feature gates and a runtime configuration change our verdicts as they change those of a real API server (see record_gates.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from record_gates import servers, switched
from record_refusals import tried

from gitops_validate.engine import Engine, Question
from gitops_validate.model.server import ApiServer

HERE = Path(__file__).parent
SERVERS = sorted(servers())
MODES = ("create", "server-side")
LATER = {"resource of a later version": "cannot enable resource"}
"""What a server does not start with either, and says only once it has found its etcd."""


def recorded(name: str) -> Mapping[str, list[Any]]:
    answers: dict[str, list[Any]] = json.loads((HERE / f"{name}.json").read_text())
    return answers


def api_server(told: Mapping[str, Any]) -> ApiServer:
    return ApiServer(told["version"], tuple(told.get("feature-gates", ())), tuple(told.get("runtime-config", ())))


def differing(name: str) -> list[str]:
    """The objects that a server answers otherwise than the one of its version that has the defaults."""
    plain, own = recorded(f"{name.partition('-')[0]}-plain"), recorded(name)
    return [each for each in own if own[each] != plain[each]]


def test_what_was_asked_tells_the_servers_apart() -> None:
    assert {name: len(differing(name)) >= 1 for name in SERVERS if not name.endswith("-plain")} == dict.fromkeys(
        (name for name in SERVERS if not name.endswith("-plain")), True
    )
    assert len({each for name in SERVERS for each in differing(name)}) >= 30


@pytest.mark.parametrize("name", SERVERS)
def test_what_flags_change(name: str) -> None:
    """Whether it is accepted, and if not, the field that is named."""
    server, answers = api_server(servers()[name]), recorded(name)
    names, things = zip(*switched(), strict=True)
    bodies = [json.dumps(thing).encode() for thing in things]
    wrong = []
    with Engine([], workers=1, server=server) as engine:
        for number, mode in enumerate(MODES):
            question = Question("validate", {"apply": mode, "definitions": [], "namespace": "default"}, bodies, server)
            for each, verdict in zip(names, engine.ask(question).result["verdicts"], strict=True):
                theirs, ours = answers[each][number], said(verdict)
                if (theirs is None) != (ours is None) or not agree(theirs, ours):
                    wrong.append(f"{each}, {mode}: the server {theirs}, we {ours} {verdict.get('causes')}")
    assert wrong == []


def said(verdict: Mapping[str, Any]) -> list[str] | None:
    return None if verdict["verdict"] == "accepted" else sorted({cause["field"] for cause in verdict.get("causes", ())})


def agree(theirs: list[str] | None, ours: list[str] | None) -> bool:
    """Whether the same fields are named; a server that has no place for the object names none."""
    return not theirs or {each.lstrip(".") for each in theirs} == {each.lstrip(".") for each in ours}


@pytest.mark.parametrize("name", tried())
def test_what_a_server_does_not_start_with(name: str) -> None:
    """In its words, or those of them that are about the entry which is to blame."""
    server, theirs = api_server(tried()[name]), json.loads((HERE / "refusals.json").read_text())[name]
    with Engine([], workers=1, server=server) as engine:
        refused = engine.ask(Question("server", {}, server=server)).result.get("refused")
    if name in LATER:
        assert (theirs, refused["message"].startswith(LATER[name])) == (None, True)
    else:
        assert (refused is None) == (theirs is None), refused
        assert words(refused["message"] if refused else "") <= words(theirs or "")


def words(message: str) -> set[str]:
    return {word.strip("[],") for word in message.split()}
