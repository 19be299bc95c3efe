"""What surrounds a generated platform: CI, Renovate, and what git must not take."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import Context, Option
from ruamel.yaml import YAML

from gitops_validate.cli.app import app
from gitops_validate.cli.registries import access

LEFTOVER = re.compile(r"#%|%#|#\{|\{#|#\||\|#")
SCHEMAS = {
    ".gitlab-ci.yml": ["--builtin-schema=vendor.gitlab-ci", "--data-transform=gitlab-ci"],
    "renovate.json": ["--builtin-schema=vendor.renovate"],
}


def load(file: Path) -> Any:
    return YAML(typ="safe", pure=True).load(file.read_text())


def environments(platform: Path) -> list[str]:
    return [environment["name"] for environment in load(platform / ".copier-answers.yml")["environments"]]


def test_no_delimiter_is_left(platform: Path) -> None:
    texts = {path: path.read_text() for path in platform.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if LEFTOVER.search(text)] == []
    assert [path for path, text in texts.items() if not text.endswith("\n") or text.endswith("\n\n\n")] == []


@pytest.mark.parametrize("name", [".gitlab-ci.yml", ".pre-commit-config.yaml", ".gitops-validate.yaml", "secret-catalogue.yaml"])
def test_it_is_yaml(platform: Path, name: str) -> None:
    assert load(platform / name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_as_its_reader_wants_it(platform: Path, name: str) -> None:
    if not importlib.util.find_spec("check_jsonschema"):
        pytest.skip("check-jsonschema, which carries GitLab's and Renovate's schemas, is not installed")
    command = [sys.executable, "-m", "check_jsonschema", *SCHEMAS[name], "--regex-variant=nonunicode", str(platform / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_checks_each_merge_request_and_the_default_branch(platform: Path) -> None:
    ci = load(platform / ".gitlab-ci.yml")
    assert [rule["if"] for rule in ci["workflow"]["rules"]] == [
        '$CI_PIPELINE_SOURCE == "merge_request_event"',
        "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    ]
    job = ci[ci["validate"]["extends"]] | ci["validate"]
    assert job["image"] == {"name": load(platform / ".copier-answers.yml")["ci_image"], "entrypoint": [""]}
    assert job["script"][0].startswith("gitops-validate check --format text --format json=report.json ")
    assert not {"rules", "only", "except", "allow_failure", "when"} & set(job), "it runs always, and counts"
    assert job["variables"]["GIT_DEPTH"] == "0"
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["paths"] == ["report.json", "report.html"]


def test_every_report_that_a_job_shows_is_one_that_it_writes(platform: Path) -> None:
    ci = load(platform / ".gitlab-ci.yml")
    for name in ("validate", "review"):
        artifacts, script = ci[name]["artifacts"], ci[name]["script"][0]
        for path in (*artifacts["paths"], *artifacts.get("reports", {}).values()):
            assert f"={path}" in script


def test_only_the_job_without_a_checkout_has_the_token(platform: Path) -> None:
    """It reads nothing but the review; in a fork, where there is no token, there is no such job."""
    ci = load(platform / ".gitlab-ci.yml")
    holders = [name for name, job in ci.items() if "GITOPS_VALIDATE_TOKEN" in str(job)]
    assert holders == ["note"]
    note = ci["note"]
    assert note["variables"]["GIT_STRATEGY"] == "none" and note["needs"] == ["review"] and note["cache"] == []
    assert note["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event" && $GITOPS_VALIDATE_TOKEN'}]
    assert note["allow_failure"] is True


def test_the_commands_of_ci_are_ours(platform: Path) -> None:
    """What stands in a job's script is parsed by the command line itself."""
    ci = load(platform / ".gitlab-ci.yml")
    for name, wanted in (("validate", "check"), ("review", "diff")):
        program, command, *options = shlex.split(ci[name]["script"][0])
        assert (program, command) == ("gitops-validate", wanted)
        found = app.get_command(Context(app), command)
        assert found and found.make_context(command, options)


def test_the_login_that_the_docs_describe_is_one_that_the_commands_take(platform: Path, tmp_path: Path) -> None:
    """The registry of the charts, the variables of CI and the example in the docs name one another."""
    answers, docs = load(platform / ".copier-answers.yml"), (platform / "docs/ci-image.md").read_text()
    variables = {"GITOPS_VALIDATE_REGISTRY_CONFIG": "chart_registry_login", "GITOPS_VALIDATE_REGISTRY_CA": "chart_registry_private_ca"}
    check = app.get_command(Context(app), "check")
    assert check
    known = {option.envvar for option in check.params if isinstance(option, Option)}
    for variable, answer in variables.items():
        assert variable in known
        wanted = bool(answers.get(answer))
        assert (variable in docs, variable in (platform / ".gitlab-ci.yml").read_text()) == (wanted, wanted)
    if example := re.search(r'^ +(\{"auths".*)$', docs, re.MULTILINE):
        (tmp_path / "config.json").write_text(example[1])
        host, _, port = answers["chart_registry"].removeprefix("oci://").split("/")[0].partition(":")
        assert list(access(tmp_path / "config.json", None, platform).logins) == [(host, int(port))]


def test_no_merge_request_feeds_the_cache_of_the_default_branch(platform: Path) -> None:
    ci = load(platform / ".gitlab-ci.yml")
    request, branch = (rule["variables"]["CACHE_OF"] for rule in ci["workflow"]["rules"])
    assert "$CI_MERGE_REQUEST_IID" in request and "$" not in branch
    shared = ci[".gitops-validate"]
    assert "$CACHE_OF" in shared["cache"]["key"]
    cached = shared["variables"]["GITOPS_VALIDATE_CACHE"].replace("$CI_PROJECT_DIR/", "") + "/gitops-validate/"
    assert shared["cache"]["paths"] == [cached]
    assert {ci[name]["extends"] for name in ("validate", "review")} == {".gitops-validate"}


def test_the_image_is_built_where_the_project_can_push_it(platform: Path) -> None:
    ci, image = load(platform / ".gitlab-ci.yml"), load(platform / ".copier-answers.yml")["ci_image"]
    version = re.search(r"^ARG GITOPS_VALIDATE_VERSION=(\S+)$", (platform / "ci/Dockerfile").read_text(), re.MULTILINE)
    assert version and ("ci-image" in ci) == (ci["stages"] == ["image", "validate", "note"]) == (image.endswith(":0.1.0"))
    if "ci-image" in ci:
        assert f"{ci['ci-image']['variables']['REPOSITORY']}:{version[1]}" == image
        assert all(rule["if"] == "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" for rule in ci["ci-image"]["rules"]), "no merge request pushes images"


def test_renovate_reads_every_version(platform: Path) -> None:
    manager = json.loads((platform / "renovate.json").read_text())["customManagers"][0]
    (files,), (found,) = ([pattern.strip("/").replace("(?<", "(?P<") for pattern in manager[key]] for key in ("managerFilePatterns", "matchStrings"))
    versions = [path for path in platform.rglob("*.yaml") if " # renovate: " in path.read_text()]
    assert {path.name for path in versions} == {"version.yaml"}
    for path in versions:
        assert re.search(files, str(path.relative_to(platform)))
        lines = [line for line in path.read_text().splitlines() if " # renovate: " in line]
        for line in lines:
            match = re.search(found, line)
            value = line.split(": ", 1)[1].split(" # ")[0]
            assert match and match["datasource"] in {"docker", "helm", "github-releases"}, line
            assert value in {match["currentValue"], f"{match['depName']}:{match['currentValue']}"}, line
            assert (match["registryUrl"] is not None) == (match["datasource"] == "helm"), line


def test_renovate_proposes_for_the_first_environment_and_asks_for_the_others(platform: Path) -> None:
    rules = json.loads((platform / "renovate.json").read_text())["packageRules"]
    first, *others = environments(platform)
    by_environment = {rule["additionalBranchPrefix"].rstrip("/"): rule for rule in rules if "additionalBranchPrefix" in rule}
    assert list(by_environment) == [first, *others]
    for name, rule in by_environment.items():
        assert rule["matchFileNames"] == [f"clusters/{name}/**", f"platform/**/overlays/{name}/**"]
        assert rule.get("dependencyDashboardApproval", False) == (name != first)


def test_git_takes_all_that_is_generated_and_no_private_key(platform: Path, tmp_path: Path) -> None:
    def git(*arguments: str, names: str = "") -> list[str]:
        command = ["git", f"--git-dir={tmp_path}", f"--work-tree={platform}", *arguments]
        return subprocess.run(command, input=names, capture_output=True, text=True, check=False, cwd=platform).stdout.splitlines()

    git("init", "--quiet")
    assert git("ls-files", "--others", "--ignored", "--exclude-standard") == []
    keys = ["prod.agekey", "clusters/ca.key", "intermediate-key.pem", "keys.txt", "kubeconfig-prod", "report.json", ".cache/gitops-validate/x"]
    assert git("check-ignore", "--stdin", names="\n".join(keys)) == keys
