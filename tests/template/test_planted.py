"""One fault at a time in a generated platform: exactly one rule speaks, at the line that a person has to edit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from planted import CHARTED, FAULTS, STRICT, STRICT_CHARTED, Fault

from gitops_generate import copying
from gitops_generate.cli.entry import run
from gitops_validate.check import Options, check
from gitops_validate.model.finding import Profile

CHARTS = pytest.mark.skipif(not os.environ.get("GITOPS_CHARTS"), reason="GITOPS_CHARTS names no folder of charts")
EVERY = {**FAULTS, **CHARTED, **STRICT, **STRICT_CHARTED}
STORIES = [pytest.param(story, marks=CHARTS) if story in (*CHARTED, *STRICT_CHARTED) else story for story in EVERY]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def healthy(template: Path, tmp_path_factory: pytest.TempPathFactory, charted: Callable[[Path], Path]) -> Path:
    """A platform of the default answers with its secrets, and with the charts where they are at hand."""
    folder = tmp_path_factory.mktemp("planted")
    made = folder / "platform"
    copying.copy(made, {}, ask=False, address=str(template), version="v1.0.0")
    assert run(["secrets", "--repo", str(made), "--keys-dir", str(folder / "keys")]) == 0
    return charted(made) if os.environ.get("GITOPS_CHARTS") else made


@pytest.mark.parametrize("story", STORIES)
def test_one_fault_makes_one_rule_speak_at_its_line(story: str, healthy: Path, tmp_path: Path) -> None:
    fault, profile = EVERY[story], Profile.STRICT if story in (*STRICT, *STRICT_CHARTED) else None
    broken = Path(shutil.copytree(healthy, tmp_path / "platform"))
    plant(broken / fault.file, fault)
    place, _, mark = fault.mark.partition(": ") if fault.mark.startswith("platform/") else (fault.file, "", fault.mark)
    text = (broken / place).read_text(encoding="utf-8")
    report = check(Options(broken, environments=("dev",), offline=True, profile=profile))
    said = [f"{each.rule} {each.place.path}:{each.place.line} {each.message}" for each in report.findings]
    assert {(each.rule, each.place.path, each.place.line) for each in report.findings} == {
        (fault.rule, place, text[: text.index(mark)].count("\n") + 1)
    }, said


def plant(file: Path, fault: Fault) -> None:
    """Write a fault into a file, which is a new one where nothing becomes something."""
    assert file.exists() == bool(fault.old)
    before = file.read_text(encoding="utf-8") if fault.old else ""
    assert fault.old in before
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(before.replace(fault.old, fault.new, 1) if fault.old else fault.new, encoding="utf-8")


def test_there_are_enough_of_them() -> None:
    assert len(EVERY) >= 95 and len({fault.rule for fault in EVERY.values()}) >= 70
