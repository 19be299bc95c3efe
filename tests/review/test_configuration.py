"""A change to what everything else is judged by is told as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from gitops_validate.discover import CONFIG
from gitops_validate.model.change import Level
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.review.repository import loosened


def repo(config: dict[str, Any]) -> Repo:
    body = orjson.dumps({"version": 1, **config})
    return Repo(Path(), {CONFIG: body.decode()}, {CONFIG: YamlFile(CONFIG, (Manifest(CONFIG, 0, 1, body),))})


def test_other_schemas_and_other_mirrors_ask_for_care() -> None:
    after = {"schemas": {"locations": ["schemas"]}, "charts": {"mirrors": {"https://a.example": "charts"}}}
    careful = [impact.message for impact in loosened(repo({}), repo(after)) if impact.level == Level.CAREFUL]
    assert len(careful) == 2
    assert any("held against other schemas" in message for message in careful)
    assert any("other mirrors" in message for message in careful)
