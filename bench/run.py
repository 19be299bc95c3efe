"""Measures gitops-validate, beside its peers where they are installed, and prints one table.

`python bench/run.py NAME…` measures only what has one of these words in its name.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import flux
import manifests
import peers
import rules
from measure import Failure, Sample, answered, run

BUILD = Path(__file__).resolve().parent.parent / "build" / "bench"
OURS = Path(sys.executable).with_name("gitops-validate")
GENERATE = Path(sys.executable).with_name("gitops-generate")
MIB = 1 << 20
FOUND = (0, 1)  # clean, or with findings


class Row(NamedTuple):
    """One line of the table: what we took, what it is compared with, and what the ratio may be at most (0: no goal)."""

    name: str
    ours: Sample
    beside: str = ""
    theirs: Sample | None = None
    goal: float = 0


def rows() -> Iterator[tuple[str, Callable[[], Iterator[Row]]]]:
    """All that can be measured, by name."""
    yield "version", version
    yield "manifests", plain_manifests
    yield "check", check
    yield "rules", every_rule
    yield "review", review
    yield "shared", shared
    yield "generate", generate


def version() -> Iterator[Row]:
    """Start-up."""
    yield Row("version", best(5, lambda: run([OURS, "version"], BUILD, home("version"))))


def plain_manifests() -> Iterator[Row]:
    """10,000 objects, start-up and report included."""
    folder = made("manifests", manifests.write)
    command = [OURS, "manifests", folder]
    theirs = None
    if kubeconform := peers.find("kubeconform"):
        location = peers.kubeconform_schemas(BUILD / "kubeconform-schemas")
        line = [kubeconform, "-strict", "-summary", "-schema-location", location, folder]
        theirs = best(3, lambda: run(line, BUILD, home("kubeconform"), accept=FOUND))
    cold = best(3, lambda: run(command, BUILD, fresh("manifests"), accept=FOUND))
    yield Row("manifests: 10,000 objects, no cache", cold, "kubeconform", theirs, 0.67)
    yield Row("manifests: memory of that", run(command, BUILD, fresh("manifests"), memory=True, accept=FOUND))


def check() -> Iterator[Row]:
    """Three environments of 65 Kustomizations and 65 HelmReleases, from nothing, again, and after one change."""
    folder = made("three", lambda path: repository(path, environments=3, overlays=3))
    command, warm_home = [OURS, "check", folder], home("check")
    flate = peers.find("flate")
    cold = best(2, lambda: run(command, folder, fresh("check")))
    yield Row("check: 3 environments, cold", cold, "flate", flate_all(flate, folder, 2, fresh), 0.7)
    yield Row("check: 3 environments, warm", best(5, lambda: run(command, folder, warm_home)), "flate", flate_all(flate, folder, 5, home), 1)
    yield Row("check: after a one-file change, watching", watching(folder, [*command, "--watch"], warm_home), "cold", cold, 0.1)
    yield Row("check: after a one-file change, by a new process", best(3, lambda: changed(folder, command, warm_home)), "cold", cold)
    yield Row("check: memory of a cold run", run(command, folder, fresh("check"), memory=True))


def every_rule() -> Iterator[Row]:
    """What all rules cost over the same environments beside rendering them, and the ten that cost most."""
    folder = made("three", lambda path: repository(path, environments=3, overlays=3))
    found = min((rules.measured(folder, fresh("rules")) for _ in range(2)), key=lambda times: times.together)
    rendering = Sample(found.rendering)
    yield Row(f"rules: {len(found.rules)} together, profile strict", Sample(found.together), "rendering", rendering, 0.33)
    for name, seconds in sorted(found.rules.items(), key=lambda each: -each[1])[:10]:
        yield Row(f"rules: {name}", Sample(seconds), "rendering", rendering)


def changed(folder: Path, command: list[object], warm_home: Path) -> Sample:
    """One run after a value of one environment changed to something that no earlier run has seen."""
    with edited(folder) as edit:
        edit()
        return run(command, folder, warm_home)


def watching(folder: Path, command: list[object], warm_home: Path) -> Sample:
    """The same by a process that goes on, from the edit to the end of the report; the quickest of several."""
    with edited(folder) as edit:
        return min(answered(command, folder, warm_home, "watching", [edit] * 6), key=lambda sample: sample.seconds)


@contextmanager
def edited(folder: Path) -> Iterator[Callable[[], object]]:
    """What changes a value of one environment to something that no earlier run has seen; it is as before in the end."""
    file = folder / flux.CHANGED.format(overlay=0)
    before = file.read_text()
    try:
        yield lambda: file.write_text(before.replace("example.com", f"{uuid.uuid4()}.example.com"))
    finally:
        file.write_text(before)


def review() -> Iterator[Row]:
    """One value of one overlay of the same three environments, compared with the commit below it."""
    folder = made("review", committed)
    file = folder / flux.CHANGED.format(overlay=0)
    before = file.read_text()
    command, warm_home = [OURS, "diff", folder, "--base", "HEAD"], home("review")
    whole = best(2, lambda: everywhere(folder, command))
    flate = peers.find("flate")
    try:
        file.write_text(before.replace("example.com", "changed.example.com"))
        run(command, folder, warm_home)
        warm = best(5, lambda: run(command, folder, warm_home))
        theirs, theirs_cold = flate_diff(flate, folder, 5, home), flate_diff(flate, folder, 2, fresh)
        yield Row("review: one overlay changed, the second time", warm, "flate", theirs, 1)
        yield Row("review: changed again, cache warm", best(3, lambda: changed(folder, command, warm_home)), "flate", theirs)
        cold = best(2, lambda: run(command, folder, fresh("review")))
        yield Row("review: the first time, no cache", cold, "flate", theirs_cold)
        yield Row("review: that, beside a full render", cold, "flate", flate_all(flate, folder, 2, fresh), 0.25)
        yield Row("review: that, beside one of everything", cold, "whole", whole)
        yield Row("review: memory of a cold run", run(command, folder, fresh("review"), memory=True))
    finally:
        file.write_text(before)


def committed(path: Path) -> Path:
    """The repository, with everything in one commit."""
    repository(path, environments=3, overlays=3)
    name = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    subprocess.run(["git", "-C", str(path), "add", "--all"], check=True)
    subprocess.run(["git", "-C", str(path), *name, "commit", "--quiet", "--message", "before"], check=True)
    return path


def everywhere(folder: Path, command: list[object]) -> Sample:
    """A review without a cache of a change to every value of every environment, so that both states are rendered as a whole."""
    files = sorted(folder.glob(flux.CHANGED.format(overlay="*").replace("07", "*")))
    before = {file: file.read_text() for file in files}
    try:
        for file, text in before.items():
            file.write_text(text.replace("example.com", "changed.example.com"))
        return run(command, folder, fresh("review"))
    finally:
        for file, text in before.items():
            file.write_text(text)


def flate_diff(flate: Path | None, folder: Path, times: int, place: Callable[[str], Path]) -> Sample | None:
    """`flate diff all`, which looks only at what has changed, once an environment, with one cache; where that stays, it is warm."""
    if flate is None:
        return None

    def once() -> Sample:
        cache = place("flate-diff")
        lines = [[flate, "diff", "all", "--no-progress", "--base", "HEAD", "--path", entry] for entry in sorted((folder / "clusters").iterdir())]
        return Sample(sum(run(line, folder, cache, accept=FOUND).seconds for line in lines))

    once()
    return best(times, once)


def flate_all(flate: Path | None, folder: Path, times: int, place: Callable[[str], Path]) -> Sample | None:
    """`flate test all`, once an environment, with one cache."""
    if flate is None:
        return None

    def once() -> Sample:
        cache = place("flate")
        lines = [[flate, "test", "all", "--no-progress", "--path", entry] for entry in sorted((folder / "clusters").iterdir())]
        seconds = [run(line, folder, cache).seconds for line in lines]
        return Sample(sum(seconds))

    return best(times, once)


def shared() -> Iterator[Row]:
    """The same content in ever more environments."""
    first = environments(1)
    yield Row("check: 1 environment, cold", first)
    for count in (10, 100):
        yield Row(f"check: {count} environments of the same content, cold", environments(count), "one", first)


def environments(count: int) -> Sample:
    """A cold check of that many environments, all with the same overlay."""
    folder = made(f"shared-{count}", lambda path: repository(path, environments=count, overlays=1))
    return run([OURS, "check", folder], folder, fresh("shared"))


def generate() -> Iterator[Row]:
    """A platform with all components, keys and secrets; thirty environments beside three."""
    few = best(2, lambda: generated(3))
    yield Row("generate: 3 environments, keys and secrets included", few)
    yield Row("generate: 30 environments", generated(30), "three", few, 4)


def generated(count: int) -> Sample:
    """A new repository of that many environments."""
    listed = ", ".join(
        f"{{name: e{number}, domain: e{number}.example.org, size: ha, kubernetes: '1.36', live: false, addresses: 10.{number}.0.10-10.{number}.0.99}}"
        for number in range(count)
    )
    folder = fresh("generate")
    with tempfile.TemporaryDirectory() as keys:  # which never lie in a checkout, and the bench does
        answers = ["--defaults", "-d", f"environments=[{listed}]", "--keys-dir", Path(keys, "keys")]
        return run([GENERATE, "new", folder / "platform", "--no-check", *answers], BUILD, folder)


def repository(path: Path, environments: int, overlays: int) -> Path:
    """A checkout, as tools that look for one expect it."""
    flux.write(path, environments, overlays)
    subprocess.run(["git", "init", "--quiet", str(path)], check=True)
    subprocess.run(["git", "-C", str(path), "remote", "add", "origin", flux.URL], check=True)
    return path


def made(name: str, write: Callable[[Path], Path]) -> Path:
    """A folder of inputs, written unless it is there."""
    target = BUILD / name
    if not target.is_dir():
        partial = BUILD / f".{name}"
        shutil.rmtree(partial, ignore_errors=True)
        write(partial).rename(target)
    return target


def home(name: str) -> Path:
    """A home that stays from run to run."""
    folder = BUILD / "homes" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fresh(name: str) -> Path:
    """An empty home."""
    folder = BUILD / "homes" / f"{name}-cold"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def best(times: int, measured: Callable[[], Sample]) -> Sample:
    """The quickest of several runs: what is slower was somebody else's work."""
    return min((measured() for _ in range(times)), key=lambda sample: sample.seconds)


def text(row: Row) -> str:
    """A row as a person reads it."""
    ours = f"{row.ours.memory / MIB:.0f} MiB" if row.ours.memory else f"{row.ours.seconds:.2f} s"
    if row.theirs is None:
        beside = f"{row.beside} not installed" if row.beside else ""
        return f"{row.name:56}{ours:>10}  {beside}".rstrip()
    ratio = row.ours.seconds / row.theirs.seconds
    goal = f"  goal {row.goal:g}{'' if ratio <= row.goal else ' MISSED'}" if row.goal else ""
    return f"{row.name:56}{ours:>10}  {row.beside} {row.theirs.seconds:.2f} s  ratio {ratio:.2f}{goal}"


def main() -> int:
    """Print each row as soon as it is known; tells whether all could be measured."""
    BUILD.mkdir(parents=True, exist_ok=True)
    words, failed = sys.argv[1:], 0
    for name, measure in rows():
        if words and not any(word in name for word in words):
            continue
        try:
            for row in measure():
                print(text(row), flush=True)
        except Failure as fault:
            failed = 1
            print(f"{name}: {fault}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
