"""Whatever is answered, the validator finds nothing: every pair of answers meets in one of the repositories below."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_generate import catalogue
from gitops_validate.check import Options, check
from gitops_validate.report.json import as_values

pytestmark = pytest.mark.slow

LEFTOVER = re.compile(r"#%|%#|#\{|#\||\|#")
FLOATING = re.compile(r"(?im)^\s*(?:image|tag|version):\s*[\"']?(?:\S+:)?(?:latest|main|master|\*|[0-9.]*x)[\"']?\s*(?:#.*)?$")


def environment(name: str, number: int, **different: Any) -> dict[str, Any]:
    return {
        "name": name, "domain": f"{name}.example.org", "size": "small", "kubernetes": "1.36", "live": False,
        "addresses": f"10.{number}.0.80-10.{number}.0.99", **different,
    }  # fmt: skip


CHOICES: dict[str, list[Any]] = {
    "environments": [
        [environment("only", 1)],
        [environment("dev", 1), environment("prod", 2, size="ha", kubernetes="1.35")],
        [
            environment("test-1", 1, size="standard", kubernetes="1.34"),
            environment("stage", 2),
            environment("x", 3, size="ha", addresses="10.3.0.0/28"),
        ],
    ],
    "components": [list(some) for number in (0, 1, 2, len(catalogue.choices())) for some in itertools.combinations(catalogue.choices(), number)],
    "gateway": ["envoy-gateway", "traefik"],
    "load_balancer": ["metallb", "none"],
    "block_storage": ["longhorn", "none"],
    "object_storage": ["seaweedfs", "none"],
    "sso": ["oidc", "none"],
    "chart_registry": ["", "oci://registry.example.org:5000/charts"],
    "chart_registry_login": [False, True],
    "chart_registry_private_ca": [False, True],
    "image_registry": ["", "registry.example.org:5000/mirror"],
    "git_private_ca": [True, False],
    "company": ["Acme", "Smith (& Sons), Ltd. - 24", "a"],
}


def pairwise() -> list[dict[str, Any]]:
    """Sets of answers in which each two answers to two questions occur together; greedy, and the same each time."""
    names = list(CHOICES)
    missing = {((a, i), (b, j)) for a, b in itertools.combinations(names, 2) for i in range(len(CHOICES[a])) for j in range(len(CHOICES[b]))}
    sets: list[dict[str, int]] = []
    while missing:
        (a, i), (b, j) = min(missing)
        chosen = {a: i, b: j}
        for name in names:
            if name not in chosen:
                chosen[name] = max(range(len(CHOICES[name])), key=lambda k: (len(_new({**chosen, name: k}, missing)), -k))
        sets.append(chosen)
        missing -= _new(chosen, missing)
    return [{name: CHOICES[name][index] for name, index in chosen.items()} for chosen in sets]


def _new(chosen: dict[str, int], missing: set[Any]) -> set[Any]:
    names = [name for name in CHOICES if name in chosen]
    return {((a, chosen[a]), (b, chosen[b])) for a, b in itertools.combinations(names, 2)} & missing


SETS = pairwise()


def label(answers: dict[str, Any]) -> str:
    return "-".join(str(CHOICES[name].index(answers[name])) if name in answers and answers[name] in CHOICES[name] else "_" for name in CHOICES)


def texts(repository: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(repository.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            yield path.relative_to(repository), path.read_text()


def test_there_are_at_least_forty_sets() -> None:
    assert len(SETS) >= 40


@pytest.mark.parametrize("answers", SETS, ids=label)
def test_nothing_is_found(answers: dict[str, Any], generate: Any) -> None:
    repository = generate(**answers)
    report = as_values(check(Options(repository, offline=True)))
    assert report["findings"] == []
    assert {gap["what"] for gap in report["incomplete"]} <= {"chart", "no-schema"}, "charts are not at hand here; nothing else may be missing"
    assert len(report["summary"]["environments"]) == len(answers.get("environments", "123"))
    for path, text in texts(repository):
        assert not LEFTOVER.search(text), path
        assert not FLOATING.search(text), path
