"""What others include: the CI/CD component, the image and the pre-commit hook say what the commands understand."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import Context
from ruamel.yaml import YAML

from gitops_validate.cli.app import app

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "templates/gitops-validate.yml"


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """The component's inputs, and its jobs with them filled in."""
    head, _, jobs = COMPONENT.read_text().partition("\n---\n")
    spec = YAML(typ="safe", pure=True).load(head)["spec"]["inputs"]
    values = {name: about.get("default", "registry.example.org/tools/gitops-validate:0.1.0") for name, about in spec.items()}
    filled = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], jobs)
    assert "$[[" not in filled
    return spec, YAML(typ="safe", pure=True).load(filled)


def parsed(line: str) -> None:
    """The command line understands it."""
    program, *words = shlex.split(line)
    assert program == "gitops-validate"
    group, context = app, Context(app)
    while True:
        name, *words = words
        command = group.get_command(context, name)
        assert command, line
        if not hasattr(command, "get_command"):
            break
        group = command  # type: ignore[assignment]
    command.make_context(name, list(words))


def test_the_jobs_run_commands_that_there_are() -> None:
    _, jobs = documents()
    for name in ("validate", "review", "note"):
        for line in jobs[name]["script"]:
            parsed(line)


def test_every_input_is_described_and_used() -> None:
    spec, _ = documents()
    text = COMPONENT.read_text()
    assert all(about["description"] and f"inputs.{name} " in text for name, about in spec.items())


def test_only_the_job_without_a_checkout_has_the_token() -> None:
    _, jobs = documents()
    assert [name for name, job in jobs.items() if "GITOPS_VALIDATE_TOKEN" in str(job)] == ["note"]
    assert jobs["note"]["variables"] == {"GIT_STRATEGY": "none"}
    assert jobs["note"]["cache"] == []
    assert not any("changes" in rule for job in jobs.values() for rule in job.get("rules", ()))


@pytest.mark.parametrize("name", ["component", ".gitlab-ci.yml"])
def test_gitlab_understands_it(name: str, tmp_path: Path) -> None:
    if not importlib.util.find_spec("check_jsonschema"):
        pytest.skip("check-jsonschema, which carries GitLab's schema, is not installed")
    file = ROOT / name
    if name == "component":
        file = tmp_path / "jobs.yml"
        YAML().dump(documents()[1], file)
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema=vendor.gitlab-ci",
        "--data-transform=gitlab-ci",
        "--regex-variant=nonunicode",
    ]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_runs_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert lines[-1] == "USER 10001:10001"
    assert re.fullmatch(r"FROM \S+:\d+\.\d+-slim-\w+", next(line for line in lines if line.startswith("FROM ")))


def test_the_hook_runs_a_command_that_there_is() -> None:
    (hook,) = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text())
    parsed(hook["entry"])
    assert hook["pass_filenames"] is False
