"""The images that the jobs of a pipeline run in and beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.existing.loose import mapping, text
from gitops_validate.model.manifest import Manifest
from gitops_validate.model.place import At
from gitops_validate.placing.routes import Route


def images(manifest: Manifest) -> Iterator[tuple[At, str]]:
    """Each image and service that a document names, with its place; variables are left in them."""
    data = mapping(manifest.data)
    jobs: list[tuple[Route, Any]] = [((), data), *(((name,), job) for name, job in data.items() if isinstance(job, dict))]
    for route, job in jobs:
        named: list[tuple[Route, Any]] = [((*route, "image"), job.get("image"))]
        named += [((*route, "services", index), each) for index, each in enumerate(job["services"])] if isinstance(job.get("services"), list) else []
        for steps, value in named:
            if image := text(mapping(value).get("name")) or text(value):
                yield manifest.at(*steps, "name") if isinstance(value, dict) else manifest.at(*steps), image
