"""How images are named, and which registry that leads to."""

from __future__ import annotations

import pytest

from gitops_validate.existing.images import is_within

DIGEST = f"@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("nginx", "docker.io"),
        ("nginx:1.29.1", "docker.io/library"),
        (f"bitnami/nginx:1{DIGEST}", "docker.io/bitnami"),
        ("registry.example:5000/a/b:1", "registry.example:5000"),
        ("registry.example:5000/a/b:1", "registry.example:5000/a"),
        ("localhost/a", "localhost"),
    ],
)
def test_an_image_comes_from_its_registry(image: str, allowed: str) -> None:
    assert is_within(image, allowed)


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("nginx", "nginx"),
        ("registry.example.evil/a", "registry.example"),
        ("registry.example/mirrored/a", "registry.example/mirror"),
        ("registry.example:5000/a", "registry.example"),
        ("quay.io/docker.io/a", "docker.io"),
    ],
)
def test_an_image_from_elsewhere_does_not(image: str, allowed: str) -> None:
    assert not is_within(image, allowed)
