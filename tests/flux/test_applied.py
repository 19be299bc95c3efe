"""What `render` prints is what real Flux applied to a real API server, object by object.

`applied.json` was recorded from Flux 2.9 and Kubernetes 1.37 (see record.py). The commit that was synced is in a chart's version, so the
repository is committed again here with the same content, author and time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from gitops_validate import check, run
from gitops_validate.config import Config
from gitops_validate.revisions import trust

HERE = Path(__file__).parent
APPLIED = json.loads((HERE / "applied.json").read_text())
OF_CONTROLLERS = {"HelmChart"}
"""Kinds that a controller makes for itself; no repository renders them."""

Key = tuple[str, str, str]


def key(thing: Mapping[str, Any]) -> Key:
    return thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"]


OWNED = "kustomize.toolkit.fluxcd.io/name"
"""The label of what was applied out of the repository, of whatever kind."""
EXPECTED = {key(thing): thing for thing in APPLIED["objects"] if thing["kind"] not in OF_CONTROLLERS or OWNED in thing["metadata"].get("labels", ())}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Any]:
    root = tmp_path_factory.mktemp("repo")
    shutil.copytree(HERE / "repo", root, dirs_exist_ok=True)
    patch = pytest.MonkeyPatch()
    patch.setattr(trust, "revision_of", lambda _root: nullcontext(lambda: APPLIED["commit"]))
    try:
        options = check.Options(path=root, config=Config(kubernetes="1.37"), offline=True, cache=False)
        with run.opened(options) as begun:
            (environment,), gaps = run.rendered_environments(begun, options)
    finally:
        patch.undo()
    assert gaps == []
    assert [(render.reconciler.ref, render.failure, render.incomplete) for render in environment.renders if render.failure or render.incomplete] == []
    return {key(thing.data): thing.data for thing in environment.objects if not thing.left_alone}


def test_just_these_objects_are_rendered(rendered: Mapping[Key, Any]) -> None:
    assert sorted(rendered) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED), ids="/".join)
def test_every_field_has_the_value_that_flux_applied(rendered: Mapping[Key, Any], name: Key) -> None:
    assert list(differences(normalised(rendered[name]), EXPECTED[name], ())) == []


def normalised(thing: Any) -> Any:
    """As Flux normalises before it applies: a Secret's stringData becomes data. Values of Secrets are not compared."""
    if thing["kind"] != "Secret":
        return thing
    names = [*thing.get("data", {}), *thing.get("stringData", {})]
    return {**{field: value for field, value in thing.items() if field not in ("data", "stringData")}, "data": dict.fromkeys(names, "<hidden>")}


ADDED = {"strategy", "updateStrategy", "resources", "status", "spec", "protocol", "optional", "creationTimestamp"}
"""Fields that only the applied object has: empty ones that Flux's typed conversion adds, and defaults of the server in what Flux owns."""
FROM_SECRETS = {"checksum/config"}
"""Fields that a hidden value flows into."""


def differences(ours: Any, theirs: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Where two objects differ."""
    match ours, theirs:
        case dict(), dict():
            for field in sorted((ours.keys() | theirs.keys()) - FROM_SECRETS):
                if field in ours and field in theirs:
                    yield from differences(ours[field], theirs[field], (*path, field))
                elif not is_expected(field, ours, theirs):
                    yield *path, field, "only rendered" if field in ours else "only applied"
        case list(), list() if len(ours) == len(theirs):
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                yield from differences(one, other, (*path, index))
        case int(), str() if path[-2:-1] == ("hard",):
            yield from differences(str(ours), theirs, path)  # a quantity
        case _ if ours != theirs:
            yield *path, ours, theirs


def is_expected(field: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether a field may stand on one side only: what is empty goes, and what was written as stringData nobody owns."""
    if field in theirs:
        return field in ADDED
    return not ours[field] or (field == "data" and theirs.get("kind") == "Secret")
