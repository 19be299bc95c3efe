"""JSON Schemas for custom kinds that nothing defines, from folders of the checkout that the configuration names.

In a merge request they are those of the base commit, as the configuration is: whoever opens the request must not say what its objects are held
against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.engine import Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.keeping.cache import digest
from gitops_validate.keeping.tree import Tree
from gitops_validate.model.render import Cause, Verdict
from gitops_validate.model.server import ApiServer
from gitops_validate.plain.manifests import folder_of, folders_of
from gitops_validate.revisions import git
from gitops_validate.revisions.history import Commit, below, copied


class Locations(Struct, frozen=True):
    """The folders, each a root and kubeconform's template of a path below it. `identity` covers their content."""

    folders: tuple[Mapping[str, str], ...] = ()
    identity: str = ""
    asker: Asker | None = None

    def judge(self, verdicts: Sequence[Verdict], server: ApiServer) -> list[Verdict]:
        """The verdicts of an environment, where objects that nothing defines are held against these schemas."""
        waiting = [verdict for verdict in verdicts if verdict.verdict == "no-schema"]
        if not (self.asker and waiting):
            return list(verdicts)
        question = Question("conform", {"locations": self.folders}, [verdict.object.raw for verdict in waiting], server)
        (answer,) = self.asker.ask([Keyed.of(question, self.identity, hide=("locations",))])
        if isinstance(answer, EngineError):
            causes = (Cause("", "", "Schema", f"its JSON Schema was not asked: {answer}"),)
            judged = {id(verdict): replace(verdict, causes=causes) for verdict in waiting}
        else:
            judged = {id(verdict): _judged(verdict, said) for verdict, said in zip(waiting, answer.result["verdicts"], strict=True)}
        return [judged.get(id(verdict), verdict) for verdict in verdicts]


def _judged(verdict: Verdict, said: Mapping[str, Any]) -> Verdict:
    causes = tuple(Cause(each["field"], each["pointer"], each["reason"], each["message"]) for each in said.get("causes") or ())
    match said["verdict"]:
        case "conforms":
            return replace(verdict, verdict="accepted")
        case "differs":
            return replace(verdict, verdict="schema-mismatch", causes=causes)
    return replace(verdict, causes=causes or verdict.causes)


def named(templates: Sequence[str], asker: Asker) -> Locations:
    """The folders that somebody names on the command line. Raises UsageError for one that is not there."""
    cut = (template[len(folder_of(template)) :].lstrip("/") for template in templates)
    found = tuple({"root": str(folder), "template": rest} for folder, rest in zip(folders_of(templates), cut, strict=True))
    return Locations(found, digest(*templates), asker if templates else None)


@contextmanager
def locations(templates: Sequence[str], tree: Tree, asker: Asker, root: Path, base: Commit | None) -> Iterator[Locations]:
    """The folders that the templates begin with, for as long as the context lasts: those of the checkout, or of a base commit."""
    if not templates:
        yield Locations()
        return
    folders = {template: folder_of(template) for template in templates}
    if base is None:
        identity = digest(*templates, *(tree.below(folder) for folder in folders.values()))
        yield Locations(tuple({"root": str(root), "template": template} for template in templates), identity, asker)
        return
    with ExitStack() as stack:
        held: defaultdict[str, str] = defaultdict(str)
        for folder in dict.fromkeys(folders.values()):
            there = below(base, folder)
            if git.ask(base.root, "rev-parse", "--verify", "--quiet", "--end-of-options", there) is not None:
                held[folder] = str(stack.enter_context(copied(replace(base, sha=there))))
        engine = stack.enter_context(Engine([Path(copy) for copy in held.values()], workers=1))
        found = tuple({"root": held[folder], "template": template[len(folder) + 1 :]} for template, folder in folders.items() if held[folder])
        yield Locations(found, digest(base.sha, *templates), asker.on(engine))
