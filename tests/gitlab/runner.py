"""A runner with a shell, as GitLab's is: a build folder with a checkout or without, a cache by key, artifacts of the jobs that are needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .configuration import Values, jobs

SECONDS = 300


@dataclass
class Ran:
    """A job that ran: its exit code, all that it printed, and the folder of its artifacts."""

    code: int
    log: str
    artifacts: Path
    failed: bool
    """Whether it stops what needs it: its exit code is none that it is allowed."""

    def has(self, pattern: str) -> list[str]:
        return sorted(path.relative_to(self.artifacts).as_posix() for path in self.artifacts.glob(pattern))


@dataclass
class Runner:
    """Each job runs in a folder of its own, as on a runner that has never seen the project; only the cache stays."""

    folder: Path
    origin: Path
    caches: dict[str, Path] = field(default_factory=dict)
    builds: int = 0

    def pipeline(self, configuration: Values, variables: Mapping[str, str]) -> dict[str, Ran]:
        """Run the jobs, each after those that it needs; one that needs what has failed does not run."""
        waiting, ran = jobs(configuration, variables), dict[str, Ran]()
        while waiting:
            ready = [name for name, job in waiting.items() if not self._needed(job, waiting)]
            assert ready, f"{sorted(waiting)} wait for each other"
            for name in ready:
                job = waiting.pop(name)
                needed = self._needed(job, ran)
                if not any(ran[each].failed for each in needed):
                    ran[name] = self.run(job, variables, [ran[each].artifacts for each in needed])
        return ran

    def _needed(self, job: Values, among: Iterable[str]) -> list[str]:
        """The jobs that it needs, those of a matrix all of them."""
        return [name for name in among if name.partition(": [")[0] in job.get("needs", ())]

    def run(self, job: Values, variables: Mapping[str, str], artifacts: Iterable[Path]) -> Ran:
        """Run one job."""
        self.builds += 1
        build, kept = self.folder / f"build-{self.builds}/project", self.folder / f"artifacts-{self.builds}"
        build.mkdir(parents=True)
        given = self._environment(job, variables, build)
        if given.get("GIT_STRATEGY") != "none":
            self._checkout(build, given)
        for folder in [*self._restored(job, given), *artifacts]:
            shutil.copytree(folder, build, dirs_exist_ok=True)
        script = "\n".join(job["script"])
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=build,
            env=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        self._keep(job, given, build)
        kept.mkdir()
        declared = job.get("artifacts", {})
        if done.returncode == 0 or declared.get("when") == "always":
            _copy(build, kept, [*declared.get("paths", ()), *declared.get("reports", {}).values()], given)
        return Ran(done.returncode, done.stdout, kept, done.returncode != 0 and not _allowed(job, done.returncode))

    def _environment(self, job: Values, variables: Mapping[str, str], build: Path) -> dict[str, str]:
        own = {"CI_PROJECT_DIR": str(build), **variables}
        for name, value in job["variables"].items():
            own[name] = expanded(value, own)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "LANG": "C.UTF-8", "CI": "true", "GITLAB_CI": "true", **own}

    def _checkout(self, build: Path, given: Mapping[str, str]) -> None:
        git(build, "init", "--quiet")
        git(build, "remote", "add", "origin", str(self.origin))
        depth = [] if given.get("GIT_DEPTH") == "0" else ["--depth", given.get("GIT_DEPTH", "20")]
        git(build, "fetch", "--quiet", *depth, "origin", "+refs/heads/*:refs/remotes/origin/*", given["CI_COMMIT_SHA"])
        git(build, "checkout", "--quiet", "--force", "--detach", given["CI_COMMIT_SHA"])

    def _restored(self, job: Values, given: Mapping[str, str]) -> list[Path]:
        found = self.caches.get(_key(job, given))
        return [found] if found else []

    def _keep(self, job: Values, given: Mapping[str, str], build: Path) -> None:
        if key := _key(job, given):
            kept = self.caches[key] = self.folder / f"cache-{self.builds}"
            kept.mkdir()
            _copy(build, kept, job["cache"]["paths"], given)


def _key(job: Values, given: Mapping[str, str]) -> str:
    """The key of a job's cache; "" if it has none."""
    return expanded(job["cache"]["key"], given) if job.get("cache") else ""


def _allowed(job: Values, code: int) -> bool:
    match job.get("allow_failure", False):
        case {"exit_codes": int(one)}:
            return code == one
        case {"exit_codes": [*several]}:
            return code in several
        case allowed:
            return bool(allowed)


def _copy(build: Path, target: Path, patterns: Iterable[str], given: Mapping[str, str]) -> None:
    """Copy the files and folders of these patterns, wherever there are any."""
    for pattern in patterns:
        for found in build.glob(expanded(pattern, given).rstrip("/")):
            place = target / found.relative_to(build)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(found, place, dirs_exist_ok=True) if found.is_dir() else shutil.copy2(found, place)


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text in which GitLab or its runner has filled in the variables."""
    return re.sub(r"\$(\w+)", lambda found: variables.get(found[1], ""), text)


def git(root: Path, *arguments: Any) -> str:
    """What git prints."""
    own = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    return subprocess.run(["git", *own, *map(str, arguments)], cwd=root, check=True, capture_output=True, text=True).stdout.strip()
