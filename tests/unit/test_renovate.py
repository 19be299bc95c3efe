"""Which files Renovate looks at."""

from __future__ import annotations

import time

import pytest

from gitops_validate.renovate import Pattern


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("/^platform/.+\\.ya?ml$/", "platform/a/b.yaml", True),
        ("/^platform/.+\\.ya?ml$/", "clusters/a/b.yaml", False),
        ("/(^|/)kustomization\\.ya?ml$/i", "a/kustomization.yml", True),
        ("**/*.yaml", "a/b/c.yaml", True),
        ("**/*.yaml", "c.yaml", True),
        ("clusters/*.yaml", "clusters/dev/a.yaml", False),
        ("clusters/*.{yaml,yml}", "other", True),
        ("/(/", "a.yaml", True),
        ("/(a+)+$/", "b.yaml", True),
        ("/(.)\\1/", "b.yaml", True),
    ],
)
def test_a_pattern_means_files(pattern: str, path: str, meant: bool):
    assert Pattern(pattern).matches(path) is meant


@pytest.mark.parametrize("pattern", ["/(x+x+)+y/", "/(.*)*y/", "/.*.*.*y/", "/(?:a|a)*b/", "x" * 10000, "*" * 10000, "**a" * 90 + "y"])
def test_no_pattern_takes_long(pattern: str):
    start = time.process_time()
    Pattern(pattern).matches("a" * 250 + "x" * 4000)
    Pattern(pattern).matches("x" * 250)
    assert time.process_time() - start < 5
