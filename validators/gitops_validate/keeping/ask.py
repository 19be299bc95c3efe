"""Questions to the engine whose answers are kept by the content that went in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from msgspec import Struct

from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.engine.binary import identity
from gitops_validate.engine.wire import split
from gitops_validate.errors import EngineError
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.keeping.tree import Tree

TRACED = "traces of "
"""Before the key of a question, what the traces of its answers are kept by."""
TRACES = 8
"""Distinct traces that are remembered for one question: as many versions of a repository's wiring answer from the cache."""


class Keyed(Struct, frozen=True):
    """A question and what identifies it. `key` covers everything but the files that only the answer's trace names."""

    question: Question
    key: str
    traced: bool = False

    @staticmethod
    def of(question: Question, *content: str, hide: Sequence[str] = ("root",), traced: bool = False) -> Keyed:
        """Key a question by its arguments (without those in `hide`, whose content the caller adds), its blobs and its definitions."""
        args = {name: value for name, value in question.args.items() if name not in hide}
        body = orjson.dumps(args, option=orjson.OPT_SORT_KEYS)
        key = digest(
            identity(), question.op, *question.server.flags, body, *question.blobs, "definitions", *sorted(question.definitions), "content", *content
        )
        return Keyed(question, key, traced)


class Asker:
    """Answers keyed questions from memory, from the cache, or from the engine; equal ones once."""

    def __init__(self, engine: Engine, cache: Cache, tree: Tree, beside: Asker | None = None) -> None:
        """`beside` asks about another state of the same checkout: what was answered there holds here too, where nothing that it came of differs."""
        self._engine, self._cache, self._tree = engine, cache, tree
        self._known: dict[str, Answer | EngineError] = {}
        self._beside = beside.said if beside else None  # and not what that had beside it

    @property
    def said(self) -> tuple[Mapping[str, Answer | EngineError], Tree]:
        """What was answered in this run, by key, now and later; and of which files."""
        return self._known, self._tree

    def on(self, engine: Engine) -> Asker:
        """The same that asks another engine."""
        return Asker(engine, self._cache, self._tree)

    def ask(self, questions: Sequence[Keyed]) -> list[Answer | EngineError]:
        """Answer all, in their order."""
        missing: dict[str, Keyed] = {}
        for keyed in questions:
            if keyed.key not in self._known and keyed.key not in missing:
                kept = self._recall(keyed)
                if kept:
                    self._known[keyed.key] = kept
                else:
                    missing[keyed.key] = keyed
        fresh = self._engine.ask_all([keyed.question for keyed in missing.values()])
        for keyed, answer in zip(missing.values(), fresh, strict=True):
            self._known[keyed.key] = answer
            if isinstance(answer, Answer):
                self._remember(keyed, answer)
        return [self._known[keyed.key] for keyed in questions]

    def _recall(self, keyed: Keyed) -> Answer | None:
        if told := self._told(keyed):
            return told
        for trace in self._traces(keyed) if keyed.traced else [{}]:
            kept = self._cache.answers.get(self._result_key(keyed, trace))
            if kept:
                return _unpack(kept)
        return None

    def _told(self, keyed: Keyed) -> Answer | None:
        """What was answered of the other state, if it holds for this one as well."""
        known, tree = self._beside or ({}, self._tree)
        answer = known.get(keyed.key)
        if not isinstance(answer, Answer):
            return None
        trace = answer.result.get("trace") or {} if keyed.traced else {}
        return answer if self._tree.agrees(tree, trace) else None

    def _remember(self, keyed: Keyed, answer: Answer) -> None:
        trace: dict[str, Any] = answer.result.get("trace") or {} if keyed.traced else {}
        if keyed.traced:
            others = [known for known in self._traces(keyed) if known != trace]
            self._cache.answers.put(f"{TRACED}{keyed.key}", orjson.dumps([trace, *others[: TRACES - 1]]))
        self._cache.answers.put(self._result_key(keyed, trace), _pack(answer))

    def _traces(self, keyed: Keyed) -> list[dict[str, Any]]:
        kept = self._cache.answers.get(f"{TRACED}{keyed.key}")
        try:
            traces: list[dict[str, Any]] = orjson.loads(kept) if kept else []
        except ValueError:
            return []
        return traces

    def _result_key(self, keyed: Keyed, trace: dict[str, Any]) -> str:
        return digest(keyed.key, self._tree.state(trace)) if keyed.traced else keyed.key


def _pack(answer: Answer) -> bytes:
    header = orjson.dumps([answer.result, [len(blob) for blob in answer.blobs]])
    return b"\n".join([header, b"".join(answer.blobs)])


def _unpack(packed: bytes) -> Answer | None:
    header, _, body = packed.partition(b"\n")
    try:
        result, sizes = orjson.loads(header)
    except ValueError:
        return None
    return Answer(result, split(body, sizes))
