"""What a change of the validator's own configuration is told as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gitops_validate.discover import CONFIG
from gitops_validate.model.change import Level
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.review.repository import loosened

MIRROR = {"sources": ["a.example"], "images": ["a.example", "b.example"]}


def repo(data: Any) -> Repo:
    raw = orjson.dumps(data)
    return Repo(Path("/nowhere"), {CONFIG: str(hash(raw))}, {CONFIG: YamlFile(CONFIG, (Manifest(CONFIG, 0, 1, raw),))})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, [": images may come from anywhere", ": sources may come from anywhere"]),
        ({"mirror": {"sources": ["a.example"]}}, [": images may come from anywhere"]),
        ({"mirror": {**MIRROR, "sources": ["a.example", "c.example"]}}, [": sources may come from c.example, too"]),
        ({"mirror": {**MIRROR, "images": ["a.example"]}}, []),
        ({"mirror": 7}, [": images may come from anywhere", ": sources may come from anywhere"]),
    ],
)
def test_a_wider_mirror_is_dangerous_and_a_narrower_one_is_not(after: Any, told: list[str]) -> None:
    impacts = loosened(repo({"mirror": MIRROR}), repo(after))
    assert [impact.message.removeprefix(CONFIG) for impact in impacts if impact.level is Level.DANGEROUS] == told
    assert not [
        impact for impact in loosened(repo(after), repo({"mirror": MIRROR})) if impact.level is Level.DANGEROUS and after in ({}, {"mirror": 7})
    ]


def test_other_schemas_and_other_charts_ask_for_care() -> None:
    after = {"schemas": {"locations": ["schemas"]}, "charts": {"mirrors": {"https://a.example": "charts"}}}
    careful = [impact.message for impact in loosened(repo({}), repo(after)) if impact.level is Level.CAREFUL]
    assert len(careful) == 2
    assert any("held against other schemas" in message for message in careful)
    assert any("other mirrors" in message for message in careful)
