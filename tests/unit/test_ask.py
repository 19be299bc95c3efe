"""Answers are kept by content: the same question over changed files is asked again, over changed-back files it is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from gitops_validate.discover import discover
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.keeping import ask
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.keeping.cache import Cache
from gitops_validate.keeping.tree import Tree
from gitops_validate.model.server import ApiServer


class Counting:
    """Reads a file of the checkout and says so in the trace."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, 0

    def ask_all(self, questions: Sequence[Question]) -> list[Answer | EngineError]:
        self.asked += len(questions)
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer | EngineError:
        if question.op == "fail":
            return EngineError("fail")
        trace = {"files": ["a"], "dirs": ["."], "absent": ["b"]}
        return Answer({"trace": trace}, ((self.root / "a").read_bytes(),))


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "identity", lambda: "engine")


@pytest.fixture
def engine(tmp_path: Path) -> Counting:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a").write_text("one\ntwo")
    return Counting(root)


def run(engine: Counting, cache: Cache, *questions: Keyed) -> list[Answer | EngineError]:
    checkout = discover(engine.root)
    return Asker(cast(Engine, engine), cache, Tree(engine.root, checkout.digests)).ask(questions)


def build(path: str = "x") -> Keyed:
    return Keyed.of(Question("kustomize", {"root": "/anywhere", "path": path}), traced=True)


def bodies(answers: Sequence[Answer | EngineError]) -> list[bytes]:
    return [answer.blobs[0] for answer in answers if isinstance(answer, Answer)]


def test_an_unchanged_checkout_is_answered_from_disk(engine: Counting, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert bodies(run(engine, cache, build())) == bodies(run(engine, cache, build())) == [b"one\ntwo"]
    assert engine.asked == 1


def test_each_version_of_a_traced_file_has_its_answer(engine: Counting, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    run(engine, cache, build())
    (engine.root / "a").write_text("changed")
    assert bodies(run(engine, cache, build())) == [b"changed"]
    (engine.root / "a").write_text("one\ntwo")
    assert bodies(run(engine, cache, build())) == [b"one\ntwo"]
    assert engine.asked == 2


@pytest.mark.parametrize("appears", ["b", "c"])
def test_a_file_that_was_looked_for_or_a_folder_that_was_listed_counts(engine: Counting, tmp_path: Path, appears: str) -> None:
    cache = Cache(tmp_path / "cache")
    run(engine, cache, build())
    (engine.root / appears).touch()
    run(engine, cache, build())
    assert engine.asked == 2


def test_a_link_that_leads_elsewhere_counts(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("one")
    before = Tree(tmp_path, {}).state({"links": ["link"]})
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert Tree(tmp_path, {}).state({"links": ["link"]}) != before


def test_equal_questions_of_one_run_are_asked_once(engine: Counting) -> None:
    answers = run(engine, Cache(None), build(), build("y"), build())
    assert engine.asked == 2
    assert answers[0] is answers[2]


def test_a_failed_question_is_not_kept(engine: Counting, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    for _ in range(2):
        (answer,) = run(engine, cache, Keyed.of(Question("fail", {})))
        assert isinstance(answer, EngineError)
    assert engine.asked == 2


def test_the_key_covers_arguments_bodies_definitions_and_api_server_but_not_the_root() -> None:
    base = Keyed.of(Question("validate", {"root": "/a"}, [b"x"], ApiServer("1.36"), {"d": b""})).key
    assert base == Keyed.of(Question("validate", {"root": "/b"}, [b"x"], ApiServer("1.36"), {"d": b""})).key
    others = [
        Question("validate", {"root": "/a", "apply": "create"}, [b"x"], ApiServer("1.36"), {"d": b""}),
        Question("validate", {}, [b"y"], ApiServer("1.36"), {"d": b""}),
        Question("validate", {}, [b"x"], ApiServer("1.35"), {"d": b""}),
        Question("validate", {}, [b"x"], ApiServer("1.36", ("A=true",)), {"d": b""}),
        Question("validate", {}, [b"x"], ApiServer("1.36", (), ("A=true",)), {"d": b""}),
        Question("validate", {}, [b"x"], ApiServer("1.36"), {"e": b""}),
    ]
    keys = {Keyed.of(question).key for question in others}
    assert base not in keys
    assert len(keys) == len(others)
