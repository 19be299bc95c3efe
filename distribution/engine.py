"""Builds gitops-engine into the Python package, unless the one that is there was built from the same sources.

Run by the build hook, and by `python distribution/engine.py`, which shows its progress where pip hides it. Afterwards
validators/gitops_validate/_engine holds the binary, LICENSES.txt of all that is linked into it, and VERSION, which changes whenever a
source of the engine does.
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import golang
import licences
from golang import ENGINE, BuildFault

PACKAGE = ENGINE.parent / "gitops_validate"
OUTPUT = PACKAGE / "_engine"
BINARY, VERSION, LICENSES = OUTPUT / "gitops-engine", OUTPUT / "VERSION", OUTPUT / "LICENSES.txt"

FIRST_TIME = "compiling gitops-engine: about 4 minutes and 4 GB of disk the first time, seconds afterwards"
OUT_OF_REACH = (
    "The Go modules of the engine are out of reach ({reason}): check the network and the proxy (GOPROXY, HTTPS_PROXY), "
    "or build where the module cache is already filled, and try again."
)
SAY_EVERY = 20.0


def package_version() -> str:
    """The version of the distribution, which the Python package states."""
    found = re.search(r'^__version__ = "(.+)"$', (PACKAGE / "__init__.py").read_text(), re.MULTILINE)
    if found is None:
        raise BuildFault(f"{PACKAGE / '__init__.py'} states no __version__.")
    return found[1]


def sources() -> Iterator[Path]:
    """All files that may end up in the binary."""
    for path in sorted(ENGINE.rglob("*")):
        if path.is_file() and not path.name.endswith("_test.go") and "testdata" not in path.parts:
            yield path


def identity() -> str:
    """The version of the engine that these sources give, such as 0.1.0+3f2a9c01d4e5."""
    digest = hashlib.sha256(repr((golang.ENVIRONMENT, platform.system(), platform.machine())).encode())
    digest.update((golang.goroot() / "VERSION").read_bytes())
    for path in sources():
        digest.update(f"\0{path.relative_to(ENGINE).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{package_version()}+{digest.hexdigest()[:12]}"


def build() -> bool:
    """Build the engine if it has to be; tells whether it had to."""
    version = identity()
    if BINARY.is_file() and LICENSES.is_file() and VERSION.is_file() and VERSION.read_text().strip() == version:
        return False
    say(FIRST_TIME)
    packages = linked_packages()
    texts = licences.collect(packages, golang.goroot())
    OUTPUT.mkdir(exist_ok=True)
    VERSION.unlink(missing_ok=True)
    compile_to(BINARY, version, len(packages))
    LICENSES.write_text(texts, encoding="utf-8")
    VERSION.write_text(f"{version}\n")
    return True


def linked_packages() -> list[licences.Package]:
    """The packages that are linked; downloads their modules as needed."""
    line, environment = golang.command("list", "-deps", "-f", licences.LIST_FORMAT, ".")
    done = subprocess.run(line, env=environment, cwd=ENGINE, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = last_line(done.stderr)
        raise BuildFault(OUT_OF_REACH.format(reason=reason) if unreachable(done.stderr) else f"The engine does not build: {reason}.")
    return licences.parse_list(done.stdout)


def compile_to(binary: Path, version: str, count: int) -> None:
    """Compile and link; the old binary stays in place, and in use, until the new one is complete."""
    fresh = binary.with_name(f".{binary.name}.new")
    line, environment = golang.command("build", "-v", f"-ldflags=-s -w -X main.version={version}", "-o", str(fresh), ".")
    with subprocess.Popen(line, env=environment, cwd=ENGINE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        errors = list(show_progress(process.stderr, count))
    if process.returncode:
        fresh.unlink(missing_ok=True)
        raise BuildFault(why(process.returncode, errors))
    fresh.replace(binary)


def why(code: int, errors: list[str]) -> str:
    """One sentence for a build that failed."""
    text = "\n".join(errors)
    if code < 0 or "signal: killed" in text:
        return "The Go compiler was killed: building the engine needs about 3 GB of free memory."
    return OUT_OF_REACH.format(reason=last_line(text)) if unreachable(text) else f"The engine does not build: {last_line(text)}."


def show_progress(lines: Iterable[str], count: int) -> Iterator[str]:
    """Count the packages that `go build -v` names, and hand on all other lines."""
    terminal, done, said = sys.stderr.isatty(), 0, time.monotonic()
    for line in lines:
        if not re.fullmatch(r"[\w./~-]+", line.strip()):
            yield line
            continue
        done += 1
        if terminal:
            print(f"\r  {done} of at most {count} packages ", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(f"  {done} of at most {count} packages")
    if terminal and done:
        print(file=sys.stderr)


def unreachable(text: str) -> bool:
    """Whether Go failed for want of a module rather than for what the sources say."""
    return bool(re.search(r"dial tcp|lookup \S+|GOPROXY=off|proxyconnect|i/o timeout|TLS handshake|40[34] |50\d |connection re", text))


def last_line(text: str) -> str:
    """The last line that says something, without its full stop."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "Go gave no reason"


def say(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        build()
    except BuildFault as fault:
        sys.exit(str(fault))
