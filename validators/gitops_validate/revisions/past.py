"""What rules may know of the time before a change, read by the engine as the checkout itself is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.engine import Answer, Question
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.former import Past, Rewritten
from gitops_validate.model.manifest import Repo
from gitops_validate.placing.patch import Ask, Texts
from gitops_validate.placing.routes import Route, nodes
from gitops_validate.revisions.former import Former
from gitops_validate.secrets.inspected import encrypted_file

YAML = (".yaml", ".yml", ".json")


def rewritten(former: Former, repo: Repo, now: Mapping[str, EncryptedFile], ask: Ask) -> Iterator[Rewritten]:
    """The encrypted files of a checkout that were encrypted before, and have another content now."""
    texts, changed = Texts(ask), list(former.changed(repo.root, sorted(now.keys() & repo.files.keys())))
    answers = ask([Keyed.of(Question("inspect", {"path": path}, (body,))) for path, body in changed])
    for (path, body), answer in zip(changed, answers, strict=True):
        before = [data for _, data in texts.parse(body.decode("utf-8", "replace"))]
        after = [manifest.data for manifest in repo.files[path].manifests]
        if isinstance(answer, Answer) and (old := encrypted_file(path, answer.result)).written and now[path].written:
            yield Rewritten(old, now[path], (_mac(before), _mac(after)), (_values(before), _values(after)))


def past(former: Former, repo: Repo, ask: Ask) -> tuple[list[Past], list[Incomplete]]:
    """The files that commits of the change wrote and that the checkout does not hold any more, and what of them is not known."""
    texts = Texts(ask)
    written, gap = former.written()
    found = []
    for commit, path, body in written:
        file = repo.root / path
        if b"\0" in body or (file.is_file() and not file.is_symlink() and file.stat().st_size == len(body) and file.read_bytes() == body):
            continue
        text = body.decode("utf-8", "replace")
        found.append(Past(commit, path, text, tuple(data for _, data in texts.parse(text)) if path.endswith(YAML) and "Secret" in text else ()))
    return found, [Incomplete("history", "the commits of the change", gap)] if gap else []


def _mac(documents: list[Any]) -> str:
    """What SOPS signed the values with."""
    found = [data["sops"].get("mac") for data in documents if isinstance(data, dict) and isinstance(data.get("sops"), dict)]
    return str(found[0]) if found and found[0] else ""


def _values(documents: list[Any]) -> dict[tuple[int, Route], Any]:
    return {
        (number, route): value
        for number, data in enumerate(documents)
        for route, value in nodes(data)
        if route and route[0] != "sops" and (not isinstance(value, dict | list) or not value)
    }
