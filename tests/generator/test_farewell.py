"""What goes is named where people had worked on it, with the command that shows it again."""

import shlex
import subprocess

import pytest
from conftest_generator import Place, commit

TOLD = "these go too, and hold what people wrote"


def shown(place: Place, said: str) -> dict[str, str]:
    """What the commands that were named print, by path."""
    commands = [shlex.split(line) for line in said.partition(TOLD)[2].splitlines() if line.startswith("  git show ")]
    return {command[2].partition(":")[2]: subprocess.check_output(command, cwd=place.repository, text=True) for command in commands}


@pytest.mark.slow
def test_a_component_goes_with_notice_of_what_people_wrote(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place.repository / "platform/mlflow/controller"
    texts = {"overlays/prod/custom/values.yaml": "replicaCount: 5\n", "overlays/dev/custom/our rule.yaml": "a: b\n", "base/values.yaml": "x: y\n"}
    for name, text in texts.items():
        (folder / name).write_text(text)
    version = folder / "overlays/dev/version.yaml"
    version.write_text(version.read_text().replace("1.11.5", "1.11.6"))
    commit(place)
    assert place.run("remove", "component", "mlflow", "--dry-run") == 0
    rehearsed = shown(place, capsys.readouterr().err)
    assert folder.is_dir()
    assert place.run("remove", "component", "mlflow") == 0
    assert shown(place, capsys.readouterr().err) == rehearsed == {f"platform/mlflow/controller/{name}": text for name, text in texts.items()}
    assert not folder.parent.exists()


@pytest.mark.slow
def test_an_environment_goes_with_notice_and_without_where_nobody_wrote(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("remove", "environment", "dev", "--dry-run") == 0
    assert TOLD not in capsys.readouterr().err
    own = place.repository / "clusters/dev/custom/workloads.yaml"
    own.write_text("kind: Kustomization\n")
    commit(place)
    assert place.run("remove", "environment", "dev") == 0
    assert shown(place, capsys.readouterr().err) == {"clusters/dev/custom/workloads.yaml": "kind: Kustomization\n"}
    assert not own.parent.parent.exists()
