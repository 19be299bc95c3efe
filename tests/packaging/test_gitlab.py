"""What others include: the CI/CD component, the image and the pre-commit hook say what the commands understand."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click import Context
from ruamel.yaml import YAML

from gitops_validate.cli.app import app

from ..gitlab.configuration import component, load  # noqa: TID252 - tests have no package of their own

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "templates"
NAMES = sorted(path.stem for path in COMPONENTS.iterdir())
GIVEN = {"image": "registry.example.org/tools/gitops-validate:0.1.0", "environments": ["dev", "stage", "prod"], "label-prefix": "gitops::"}


def documents(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of a component, and what includes it gets with the example values of its inputs."""
    text = (COMPONENTS / f"{name}.yml").read_text()
    spec = load(text.partition("\n---\n")[0])["spec"]["inputs"]
    return spec, component(name, {key: value for key, value in GIVEN.items() if key in spec})


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


@pytest.mark.parametrize("name", NAMES)
def test_the_jobs_run_commands_that_there_are(name: str) -> None:
    _, jobs = documents(name)
    for line in (line for job in jobs.values() for line in job.get("script", ())):
        parsed(line)


@pytest.mark.parametrize("name", NAMES)
def test_every_input_is_described_and_used(name: str) -> None:
    spec, _ = documents(name)
    text = (COMPONENTS / f"{name}.yml").read_text()
    assert all(about["description"] and f"inputs.{each} " in text for each, about in spec.items())


def test_both_components_take_the_same_inputs() -> None:
    one, many = (documents(name)[0] for name in NAMES)
    words = {"stage": {"description": many["stage"]["description"]}}
    assert many == {**{name: {**about, **words.get(name, {})} for name, about in one.items()}, "environments": many["environments"]}


def test_the_page_includes_them_as_they_are_to_be_included() -> None:
    page = (ROOT / "docs/gitlab.md").read_text()
    shown = [entry for block in re.findall(r"(?m)^    include:\n(?:    .*\n)+", page) for entry in load(dedent(block))["include"]]
    named = [re.search(r"(gitops-validate[a-z-]*)(?:@|\.yml$)", each.get("component") or each["file"]) for each in shown]
    assert {name[1] for name in named if name} == {*NAMES}
    for name, each in zip(named, shown, strict=True):
        assert name
        component(name[1], each["inputs"])


@pytest.mark.parametrize("name", NAMES)
def test_only_the_job_without_a_checkout_has_the_token(name: str) -> None:
    _, jobs = documents(name)
    assert [name for name, job in jobs.items() if "GITOPS_VALIDATE_TOKEN" in str(job)] == ["note"]
    assert jobs["note"]["variables"] == {"GIT_STRATEGY": "none"}
    assert jobs["note"]["cache"] == []
    assert not any("changes" in rule for job in jobs.values() for rule in job.get("rules", ()))


@pytest.mark.parametrize("name", [*NAMES, ".gitlab-ci.yml"])
def test_gitlab_understands_it(name: str, tmp_path: Path) -> None:
    if not importlib.util.find_spec("check_jsonschema"):
        pytest.skip("check-jsonschema, which carries GitLab's schema, is not installed")
    file = ROOT / name
    if name in NAMES:
        file = tmp_path / "jobs.yml"
        spec, jobs = documents(name)
        YAML().dump({"spec": {"inputs": spec}, **jobs}, file)
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


def test_the_image_is_built_of_the_wheel_alone() -> None:
    """A virtual environment, engines and the history of git would all be sent to whoever builds it."""
    copied = [line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ignored == ["*", *(f"!{path}" for path in copied)]


def test_the_hook_runs_a_command_that_there_is() -> None:
    (hook,) = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text())
    parsed(hook["entry"])
    assert hook["pass_filenames"] is False
