"""The registries that images may come from, as the configuration names them and a review tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gitops_validate.config import parse
from gitops_validate.discover import CONFIG
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.model.change import Level
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.review.repository import loosened


def repo(data: dict[str, Any]) -> Repo:
    body = orjson.dumps(data)
    return Repo(Path("/nowhere"), {CONFIG: body.hex()}, {CONFIG: YamlFile(CONFIG, (Manifest(CONFIG, 0, 1, body),))})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"registries": ["a.example"]}, {}, "images may come from any registry"),
        ({"registries": ["a.example"]}, {"registries": ["a.example", "b.example"]}, "images may come from b.example as well"),
        ({"registries": ["a.example", "b.example"]}, {"registries": ["a.example"]}, ""),
        ({}, {"registries": ["a.example"]}, ""),
    ],
)
def test_a_review_tells_where_images_may_come_from_as_well(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    told = [impact.message for impact in loosened(repo(before), repo(after)) if impact.level is Level.DANGEROUS]
    assert told == ([f"{CONFIG}: {said}"] if said else [])


def test_a_registry_is_no_url() -> None:
    with Engine([], workers=1) as engine:
        assert parse(b"version: 1\nregistries: ['registry.example:5000/a']\n", engine, CONFIG).registries == ("registry.example:5000/a",)
        assert parse(b"version: 1\n", engine, CONFIG).registries is None
        with pytest.raises(UsageError, match=r":2:\d+: .*a registry, with or without a path"):
            parse(b"version: 1\nregistries: ['https://registry.example']\n", engine, CONFIG)
