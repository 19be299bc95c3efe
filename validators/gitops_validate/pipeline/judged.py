"""What GitLab has against the pipelines of a checkout: its own JSON Schema, which comes with check-jsonschema and is asked by the engine."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from gitops_validate.engine import Answer, Question
from gitops_validate.existing.loose import mapping
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At, route
from gitops_validate.pipeline.files import Pipeline, pipelines
from gitops_validate.pipeline.said import InvalidPipeline, fault, missing, nowhere
from gitops_validate.placing.patch import Ask

MOST = 100
"""References to nothing that are told of a pipeline; the engine tells as many faults of a file."""
SCHEMA = "builtin_schemas/vendor/gitlab-ci.json"


def invalid(repo: Repo, ask: Ask) -> tuple[list[InvalidPipeline], list[Incomplete]]:
    """What GitLab refuses in the pipelines of a checkout, and what could not be asked."""
    known = list(pipelines(repo))
    paths = sorted({path for pipeline in known for path in pipeline.files})
    if not paths:
        return [], []
    schema = _schema()
    if not schema:
        return [], [Incomplete("engine", path, "GitLab's schema is not there: install check-jsonschema", path) for path in paths]
    questions = [Question("pipeline", {"root": str(repo.root), "files": [path]}, (schema,)) for path in paths]
    answers = ask([Keyed.of(question, repo.digests.get(path, "")) for question, path in zip(questions, paths, strict=True)])
    said, gaps = dict[str, Any](), []
    for path, answer in zip(paths, answers, strict=False):
        if isinstance(answer, Answer):
            said[path] = answer.result["files"][0]
        else:
            gaps.append(Incomplete("engine", path, str(answer), path))
    found = [fault(path, each) for path in said for each in said[path]["faults"]]
    for pipeline in known:
        found += [missing(at, name) for at, name in pipeline.missing]
        found += islice(_dangling(repo, pipeline, said), MOST)
    return list(dict.fromkeys(found)), gaps


def _schema() -> bytes:
    """GitLab's schema, empty if it is not installed. The package that it comes with is not imported, for that takes a while."""
    spec = importlib.util.find_spec("check_jsonschema")
    folders = spec.submodule_search_locations if spec else None
    file = Path(folders[0], SCHEMA) if folders else Path("absent")
    return file.read_bytes() if file.is_file() else b""


def _dangling(repo: Repo, pipeline: Pipeline, said: Mapping[str, Any]) -> Iterator[InvalidPipeline]:
    """References to what no file of a pipeline declares, if all of them are here."""
    held = [mapping(manifest.data) for path in pipeline.files for manifest in repo.files[path].manifests]
    for path in pipeline.files if pipeline.whole else ():
        for each in mapping(said.get(path)).get("references") or ():
            names = each["names"] or [""]
            if not any(_holds(data, names) for data in held):
                yield nowhere(At(path, each["document"], route(each["pointer"])), names, [key for data in held for key in data])


def _holds(data: Any, names: Sequence[str]) -> bool:
    """Whether keys lead somewhere; what a list holds, another reference may have brought."""
    for name in names:
        if isinstance(data, list):
            return True
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True
