"""Which images a Dockerfile is built from."""

from __future__ import annotations

import pytest

from gitops_validate.pipeline.dockerfile import images, is_dockerfile


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a", [(1, "a")]),
        ("from --platform=linux/amd64 a:1@sha256:00 as b\nFROM B", [(1, "a:1@sha256:00")]),
        ("ARG V=1\nARG I=a:$V\nFROM $I", [(3, "a:1")]),
        ("ARG V\nFROM a:${V}", []),
        ("ARG V\nFROM a:${V:-2}", [(2, "a:2")]),
        ("ARG V=1\nFROM a${V:+-slim}", [(2, "a-slim")]),
        ("FROM a\nARG I=b\nFROM $I", [(1, "a")]),
        ("FROM \\\n  # about it\n  a \\\n  AS b\nFROM b", [(1, "a")]),
        ("# escape=`\nFROM `\n  a", [(2, "a")]),
        ("# syntax=docker/dockerfile:1\nFROM a", [(1, "docker/dockerfile:1"), (2, "a")]),
        ("FROM a\n# syntax=docker/dockerfile:1", [(1, "a")]),
        ("RUN <<-'END' cat\nFROM b\n\tEND\nFROM a", [(4, "a")]),
        ("FROM", []),
        ("\\", []),
        ("", []),
    ],
)
def test_the_images_and_their_lines(text: str, found: list[tuple[int, str]]) -> None:
    assert list(images(text.splitlines())) == found


def test_a_long_line_takes_no_longer_than_it_is() -> None:
    assert len(list(images(["RUN " + "--mount=from " * 100_000, "FROM " + "$" * 1_000_000, "FROM a"]))) == 1


@pytest.mark.parametrize("name", ["Dockerfile", "a/Dockerfile.dev", "a/web.Dockerfile", "Containerfile", "web.containerfile"])
def test_what_dockerfiles_are_called(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize("name", ["Dockerfiles/a", "Dockerfile.md", "Dockerfile.dockerignore", "a.dockerfile/b", "Dockerfile.jinja"])
def test_what_is_called_otherwise(name: str) -> None:
    assert not is_dockerfile(name)
