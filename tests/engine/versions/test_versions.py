"""Each Kubernetes version that is emulated answers what a real API server of that emulated version did (see record_versions.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from record_versions import gated, recorded

from gitops_validate.engine import Engine, Question
from gitops_validate.model.server import ApiServer

HERE = Path(__file__).parent
VERSIONS = sorted(path.stem for path in HERE.glob("*.json"))
MODES = ("create", "server-side")
BEYOND = {"1.33": {"empty dir mode", "validating lists", "validating sort"}}
"""What a server that was asked does not know, whatever it emulates, since 1.37 brought it: that of 1.36, the last one that emulates 1.33."""


def test_every_version_was_recorded() -> None:
    assert VERSIONS == ["1.33", "1.34", "1.35", "1.36", "1.37"]


@pytest.fixture(scope="module", params=VERSIONS)
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Engine]]:
    with Engine([], workers=1, server=ApiServer(request.param)) as started:
        yield request.param, started


def judged(engine: Engine, version: str, things: Sequence[Any]) -> list[list[Any]]:
    """Our verdicts on objects, for both modes."""
    bodies = [json.dumps(thing).encode() for thing in things]
    questions = [Question("validate", {"apply": mode, "definitions": [], "namespace": "default"}, bodies, ApiServer(version)) for mode in MODES]
    return [engine.ask(question).result["verdicts"] for question in questions]


def disagreements(names: Sequence[str], things: Sequence[Any], said: Sequence[Any], engine: Engine, version: str) -> list[str]:
    ours = judged(engine, version, things)
    return [
        f"{name}, {mode}: the server {'refuses ' + str(answers[i]) if answers[i] is not None else 'accepts'}, we say {verdict['verdict']} {verdict.get('causes')}"
        for i, mode in enumerate(MODES)
        for name, answers, verdict in zip(names, said, ours[i], strict=True)
        if (answers[i] is None) != (verdict["verdict"] == "accepted")
    ]


def test_what_gates_change(engine: tuple[str, Engine]) -> None:
    version, asked = engine
    names, things = zip(*(each for each in gated() if each[0] not in BEYOND.get(version, ())), strict=True)
    answers = json.loads((HERE / f"{version}.json").read_text())["gated"]
    assert disagreements(names, things, [answers[name] for name in names], asked, version) == []


@pytest.mark.slow
def test_everything_that_was_recorded(engine: tuple[str, Engine]) -> None:
    """At least 99 of 100 verdicts, of all objects that any test records."""
    version, asked = engine
    other = json.loads((HERE / f"{version}.json").read_text())["other"]
    names, things, newest = zip(*recorded(), strict=True)
    said = [other.get(name, before) for name, before in zip(names, newest, strict=True)]
    found = disagreements(names, things, said, asked, version)
    assert len(found) * 100 <= 2 * len(names), found
