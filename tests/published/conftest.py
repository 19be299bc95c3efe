"""Fixtures that other projects publish, with the outcomes that their authors wrote down.

None of them is kept here. GITOPS_PUBLISHED names a folder with checkouts of them, each under the name of its repository (sops, kustomize-controller, polaris,
kubectl-validate, kubeconform, flux-schema, flux-local); tests of those that are not there are skipped. The counts that the tests pin are those of the commits that their docstrings name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_validate.engine import Engine

FOLDER = Path(os.environ.get("GITOPS_PUBLISHED") or "/nowhere")


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest) -> Path:
    """The checkout that a module names as REPOSITORY."""
    folder = FOLDER / request.module.REPOSITORY
    if not folder.is_dir():
        pytest.skip(f"GITOPS_PUBLISHED holds no {request.module.REPOSITORY}")
    return folder


@pytest.fixture(scope="module")
def engine(published: Path) -> Iterator[Engine]:
    """An engine that may read the checkout."""
    with Engine([published], workers=1) as started:
        yield started
