"""The pool survives whatever a worker does. A small program stands in for the engine; it speaks the same messages."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gitops_validate.engine import Answer, Engine, Question, pool
from gitops_validate.errors import EngineError
from gitops_validate.model.server import ApiServer

STAND_IN = """\
#!{python} -S
import json, os, sys, time
pipe_in, pipe_out = sys.stdin.buffer, sys.stdout.buffer
defined = []
while header := pipe_in.readline():
    request = json.loads(header)
    body = pipe_in.read(sum(request["blobs"]))
    op, reply, blobs = request["op"], {{"id": request["id"]}}, []
    if op == "die":
        print("fatal error: out of memory", file=sys.stderr, flush=True)
        os._exit(2)
    if op == "sleep":
        time.sleep(60)
    if op == "nap":
        time.sleep(1)
        op = "echo"
    if op == "garbage":
        pipe_out.write(b"no json\\n"); pipe_out.flush(); continue
    if op == "error":
        reply["error"] = "cannot"
    if op == "define":
        defined.append(request["args"]["digest"])
    if op == "echo":
        reply["result"] = {{"args": request["args"], "pid": os.getpid(), "environment": sorted(os.environ), "flags": sys.argv[1:], "defined": defined}}
        blobs = [body[::-1]]
    reply["blobs"] = [len(blob) for blob in blobs]
    pipe_out.write(json.dumps(reply).encode() + b"\\n" + b"".join(blobs)); pipe_out.flush()
"""


@pytest.fixture(autouse=True)
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "engine"
    program.write_text(textwrap.dedent(STAND_IN).format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(pool, "binary", lambda: program)


def _pid(answer: Answer | EngineError) -> int:
    assert isinstance(answer, Answer)
    return int(answer.result["pid"])


def test_bodies_travel_both_ways(tmp_path: Path) -> None:
    with Engine([tmp_path]) as engine:
        answer = engine.ask(Question("echo", {"a": 1}, [b"abc", b"\n{}"]))
    assert answer.result["args"] == {"a": 1}
    assert answer.blobs == (b"}{\ncba",)


def test_a_worker_sees_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_JOB_TOKEN", "secret")
    with Engine([tmp_path]) as engine:
        seen = engine.ask(Question("echo", {})).result["environment"]
    assert set(seen) <= {"LC_CTYPE", "GOGC"}, "only what the stand-in's own interpreter sets, and how its memory is collected"


def test_a_worker_that_dies_costs_one_question(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=1) as engine:
        before, died, after = engine.ask_all([Question("echo", {}), Question("die", {}), Question("echo", {})])
    assert isinstance(died, EngineError)
    assert "exit 2: fatal error: out of memory" in str(died)
    assert _pid(before) != _pid(after)


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=1) as engine:
        start = time.monotonic()
        with pytest.raises(EngineError, match=r"took more than 0\.5 s"):
            engine.ask(Question("sleep", {}), seconds=0.5)
        assert time.monotonic() - start < 10
        assert engine.ask(Question("echo", {}))


@pytest.mark.parametrize(("op", "message"), [("garbage", "not JSON"), ("error", "error: cannot")])
def test_a_useless_answer_is_an_error(tmp_path: Path, op: str, message: str) -> None:
    with Engine([tmp_path]) as engine, pytest.raises(EngineError, match=message):
        engine.ask(Question(op, {}))


def test_a_worker_learns_each_definition_once(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=1) as engine:
        engine.ask(Question("echo", {}, definitions={"a": b"{}"}))
        answer = engine.ask(Question("echo", {}, definitions={"a": b"{}", "b": b"{}"}))
    assert answer.result["defined"] == ["a", "b"]


def test_another_kubernetes_version_gets_another_worker_within_the_limit(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=1) as engine:
        old = engine.ask(Question("echo", {}, server=ApiServer("1.33")))
        either = engine.ask(Question("echo", {}))
        new = engine.ask(Question("echo", {}, server=ApiServer("1.37")))
        assert _pid(old) == _pid(either) != _pid(new)
        assert new.result["flags"][-1:] == ["--kube-version=1.37"]
        assert _gone(_pid(old))


def test_other_flags_of_an_api_server_get_another_worker(tmp_path: Path) -> None:
    servers = [ApiServer("1.36"), ApiServer("1.36", ("A=true",)), ApiServer("1.36", (), ("A=true",))]
    with Engine([tmp_path], workers=3) as engine:
        first, second = ([engine.ask(Question("echo", {}, server=server)) for server in servers] for _ in range(2))
        assert [_pid(each) for each in first] == [_pid(each) for each in second]
        assert len({_pid(each) for each in first}) == 3
    assert first[1].result["flags"][-2:] == ["--kube-version=1.36", "--feature-gates=A=true"]
    assert first[2].result["flags"][-1:] == ["--runtime-config=A=true"]


def test_a_worker_that_was_started_early_is_used(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=2, prepare=("kustomize",)) as engine:
        engine.start()
        (started,) = (process.pid for process in engine._idle)
        answer = engine.ask(Question("echo", {}))
    assert _pid(answer) == started
    assert "--prepare=kustomize" in answer.result["flags"]


def test_few_quick_questions_share_a_worker_and_slow_ones_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.5)
    with Engine([tmp_path], workers=2) as engine:
        engine.ask(Question("echo", {}))
        assert len({_pid(answer) for answer in engine.ask_all([Question("echo", {})] * 5)}) == 1
        assert len({_pid(answer) for answer in engine.ask_all([Question("nap", {})] * 3)}) == 2


def test_answers_keep_the_order_of_their_questions(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=3) as engine:
        answers = engine.ask_all([Question("echo", {"number": number}) for number in range(40)])
    assert [answer.result["args"]["number"] for answer in answers if isinstance(answer, Answer)] == list(range(40))


def test_no_worker_outlives_the_pool(tmp_path: Path) -> None:
    with Engine([tmp_path], workers=2) as engine:
        pids = {_pid(answer) for answer in engine.ask_all([Question("echo", {})] * 6)}
    assert all(_gone(pid) for pid in pids)


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
