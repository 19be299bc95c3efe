"""What is derived from the answers is a list, or a map, however little is chosen."""

from pathlib import Path
from typing import Any

import copier
import pytest

from gitops_generate.once import once

LISTS = ("selected", "added", "released", "routed", "monitored", "plan")
OUTSIDE = {"load_balancer": "none", "block_storage": "none", "object_storage": "none"}

ODD: dict[str, dict[str, Any]] = {
    "no component": {"components": []},
    "no component, and what can be is outside": {"components": [], **OUTSIDE},
    "one without routes": {"components": ["metrics-server"]},
    "one without routes, and what can be is outside": {"components": ["metrics-server"], **OUTSIDE},
    "monitoring alone": {"components": ["kube-prometheus-stack"], **OUTSIDE},
    "all": {},
}


@pytest.mark.parametrize("answers", ODD.values(), ids=ODD)
@pytest.mark.parametrize("sso", ["none", "oidc"])
def test_is_what_it_is_called(answers: dict[str, Any], sso: str, template: Path, tmp_path: Path) -> None:
    with once():
        worker = copier.run_copy(str(template), tmp_path / "p", {**answers, "sso": sso}, vcs_ref="v1.0.0", defaults=True, quiet=True, pretend=True)
    derived = worker.answers.user
    assert {name: type(derived[name]) for name in LISTS} == dict.fromkeys(LISTS, list)
    assert isinstance(derived["namespaces"], dict)
    assert {each["component"] for each in [*derived["routed"], *derived["plan"]]} <= set(derived["selected"])
