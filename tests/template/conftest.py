"""The template as a repository with a tag, as users copy it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_generate import copying, packing

ROOT = Path(__file__).parents[2]
Generate = Callable[..., Path]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the template as it stands, tagged v1.0.0."""
    repository = tmp_path_factory.mktemp("template") / "template"
    packing.pack(ROOT, "1.0.0", repository)
    return repository


@pytest.fixture
def generate(template: Path, tmp_path: Path) -> Generate:
    """Generates a repository from answers, with the defaults for the rest."""

    def generate(name: str = "platform", **answers: Any) -> Path:
        copying.copy(tmp_path / name, answers, ask=False, address=str(template), version="v1.0.0")
        return tmp_path / name

    return generate
