"""From routes to lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from gitops_validate.engine import Answer
from gitops_validate.errors import EngineError
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.place import At, Place
from gitops_validate.placing.places import Places

KUSTOMIZATION = """\
resources:
  - web.yaml
patches:
  - patch: |
      - op: add
        path: /spec
        value: {}
"""
TEXT = "- op: add\n  path: /spec\n  value: {}\n"


class Engine:
    """Answers `locate` from a table of pointers, and remembers how often it was asked."""

    def __init__(self, known: dict[str, tuple[int, int]]) -> None:
        self.known, self.asked = known, [0]

    def __call__(self, questions: Sequence[Keyed]) -> list[Answer | EngineError]:
        self.asked[0] += len(questions)
        return [Answer({"files": [self._file(file) for file in each.question.args["files"]]}) for each in questions]

    def _file(self, asked: dict[str, Any]) -> dict[str, object]:
        return {"places": [self._place(place["pointer"]) for place in asked["places"]]}

    def _place(self, pointer: str) -> dict[str, object]:
        line, column = self.known.get(pointer, (1, 1))
        return {"line": line, "column": column, "end": column + 4, "exact": pointer in self.known}


def checkout(tmp_path: Path) -> Repo:
    (tmp_path / "kustomization.yaml").write_text(KUSTOMIZATION, encoding="utf-8")
    raw = orjson.dumps({"resources": ["web.yaml"], "patches": [{"patch": TEXT}]})
    return Repo(
        tmp_path,
        {"kustomization.yaml": "digest"},
        {"kustomization.yaml": YamlFile("kustomization.yaml", (Manifest("kustomization.yaml", 0, 1, raw),))},
    )


def test_all_routes_of_a_file_are_asked_for_at_once(tmp_path: Path):
    engine = Engine({"/resources": (1, 1), "/patches": (3, 1)})
    places = Places(checkout(tmp_path), (), engine).find([At("kustomization.yaml", 0, ("resources",)), At("kustomization.yaml", 0, ("patches",))])
    assert [found.place.line for found in places] == [1, 3]
    assert engine.asked == [1]


def test_a_place_is_kept_as_it_is(tmp_path: Path):
    (found,) = Places(checkout(tmp_path), (), Engine({})).find([Place("other.txt", 7)])
    assert found.place == Place("other.txt", 7)


def test_a_route_inside_a_block_of_text_is_a_line_of_the_file(tmp_path: Path):
    engine = Engine({"/patches/0/patch": (4, 5), "/0/path": (2, 3)})
    inside = At("kustomization.yaml", 0, ("patches", 0, "patch"), precision="patch", text=At("", 0, (0, "path")))
    (found,) = Places(checkout(tmp_path), (), engine).find([inside])
    assert found.place == Place("kustomization.yaml", 6, 9, 13, "patch")


def test_a_text_that_is_folded_points_at_its_key(tmp_path: Path):
    repo = checkout(tmp_path)
    (tmp_path / "kustomization.yaml").write_text(
        KUSTOMIZATION.replace("patch: |\n", 'patch: "- op: add"\n').replace("path: /spec", "#"), encoding="utf-8"
    )
    engine = Engine({"/patches/0/patch": (4, 5), "/0/path": (2, 3)})
    inside = At("kustomization.yaml", 0, ("patches", 0, "patch"), precision="patch", text=At("", 0, (0, "path")))
    assert Places(repo, (), engine).find([inside])[0].place.line == 4


def test_without_an_answer_a_place_is_the_beginning_of_its_document(tmp_path: Path):
    places = Places(checkout(tmp_path), (), lambda questions: [EngineError("gone") for _ in questions])
    (found,) = places.find([At("kustomization.yaml", 0, ("patches",))])
    assert found.place == Place("kustomization.yaml", 1, 1, 0, "object")


def test_the_documents_that_a_waiver_may_stand_on_are_known(tmp_path: Path):
    (found,) = Places(checkout(tmp_path), (), Engine({})).find([At("kustomization.yaml", 0, ("patches",))])
    assert found.homes == {("kustomization.yaml", 0)}
