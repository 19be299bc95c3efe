"""The engine's answers on files that it read and judged at once, and its verdicts on what needs a second question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.judging.admission import Policies, given, undecided
from gitops_validate.judging.verdicts import Definitions, definitions, verdict
from gitops_validate.load import entries, parse
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import YamlFile
from gitops_validate.model.render import RenderedObject, Verdict
from gitops_validate.plain.manifests import STDIN, Options

BATCH = 400
"""Objects that one request judges."""
DEFINITION = "CustomResourceDefinition"


class Examined(Struct):
    """Files by path, with those documents that something is to be said of or that are to be judged yet.

    `verdicts` are the engine's words by path and document; `accepted` counts the objects that nothing is to be said of.
    """

    files: dict[str, YamlFile] = field(default_factory=dict)
    verdicts: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    accepted: int = 0

    def add(self, answer: Answer) -> None:
        """Take in one answer of the engine."""
        self.files |= entries(answer)
        for file in answer.result["files"]:
            self.accepted += file["accepted"]
            for document in file["documents"]:
                if "verdict" in document:
                    self.verdicts[file["path"], document["index"]] = document["verdict"]


def examine(engine: Engine, asked: Iterable[tuple[Question, Answer | EngineError]]) -> Examined:
    """Take in the answers to requests for manifests.

    What brings the worker down is parsed alone, and its documents left to be judged. Raises EngineError if standard input cannot be parsed either.
    """
    examined = Examined()
    for question, answer in asked:
        if isinstance(answer, Answer):
            examined.add(answer)
        else:
            examined.files |= _parsed(engine, question)
    return examined


def examine_all(engine: Engine, questions: Iterable[Question]) -> Examined:
    """Every document of the files that requests for manifests name, all of them to be judged yet. Raises EngineError as examine does."""
    return Examined({path: file for question in questions for path, file in _parsed(engine, question).items()})


def _parsed(engine: Engine, question: Question) -> dict[str, YamlFile]:
    if question.blobs:
        return dict(entries(engine.ask(Question("parse", {"root": "", "names": [STDIN]}, question.blobs))))
    return dict(parse(Path(question.args["root"]), question.args["files"], engine))


def judge_rest(
    engine: Engine, things: Sequence[RenderedObject], examined: Examined, options: Options, under: Policies | None = None
) -> tuple[list[Verdict], list[Incomplete]]:
    """The verdicts on the objects of the documents, in their order, those included that only now can be asked for; and what was not judged or not decided.

    Those that are asked for now are judged under policies, if there are any.
    """
    said = [examined.verdicts.get((thing.origin.path, thing.origin.document)) for thing in things]
    waiting = [number for number, word in enumerate(said) if word is None]
    known = definitions((thing.ref.kind, thing.raw, thing.data if thing.ref.kind == DEFINITION else None) for thing in things) if waiting else {}
    batches = [waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH)]
    answers = engine.ask_all([_question([things[number] for number in batch], known, options, under) for batch in batches])
    gaps: list[Incomplete] = []
    for batch, answer in zip(batches, answers, strict=True):
        first = things[batch[0]]
        if isinstance(answer, EngineError):
            gaps.append(Incomplete("engine", str(first.ref), f"{answer}; {len(batch)} objects were not judged", first.origin.path))
            continue
        for number, word in zip(batch, answer.result["verdicts"], strict=True):
            said[number] = word
    verdicts = [verdict(thing, word) for thing, word in zip(things, said, strict=True) if word is not None]
    return verdicts, [*gaps, *undecided(verdicts)]


def _question(batch: Sequence[RenderedObject], known: Definitions, options: Options, under: Policies | None) -> Question:
    needed = {known[kind] for thing in batch if (kind := (thing.ref.group, thing.ref.kind)) in known}
    named, others, lists = given(under, known)
    args = {**options.how, "exact": True, "definitions": sorted(key for key, _ in needed), **named}
    return Question("validate", args, [thing.raw for thing in batch], options.server, dict(needed | others), lists)
