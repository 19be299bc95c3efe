"""Builds gitops-engine into the Python package, unless the one that is there was built from the same sources.

Run by the build hook, and by `python distribution/engine.py`, which shows its progress where pip hides it. Afterwards
validators/gitops_validate/_engine holds the binary, LICENSES.txt of all that is linked into it, and VERSION, which changes whenever a
source of the engine does.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import golang
import licences
import progress
from golang import BuildFault

PACKAGE = golang.ENGINE.parent / "gitops_validate"
OUTPUT = PACKAGE / "_engine"
BINARY, VERSION, LICENSES = OUTPUT / "gitops-engine", OUTPUT / "VERSION", OUTPUT / "LICENSES.txt"

FIRST_TIME = "compiling gitops-engine: about 4 minutes and 4 GB of disk the first time, seconds afterwards"
OUT_OF_REACH = (
    "The Go modules of the engine are out of reach ({reason}): check the network and the proxy (GOPROXY, HTTPS_PROXY), "
    "or build where the module cache is already filled, and try again."
)


def package_version() -> str:
    """The version of the distribution, which the Python package states."""
    found = re.search(r'^__version__ = "(.+)"$', (PACKAGE / "__init__.py").read_text(), re.MULTILINE)
    if found is None:
        raise BuildFault(f"{PACKAGE / '__init__.py'} states no __version__.")
    return found[1]


def sources() -> Iterator[Path]:
    """All files that may end up in the binary."""
    for path in sorted(golang.ENGINE.rglob("*")):
        if path.is_file() and not path.name.endswith("_test.go") and "testdata" not in path.parts:
            yield path


def identity() -> str:
    """The version of the engine that these sources give, such as 0.1.0+3f2a9c01d4e5."""
    digest = hashlib.sha256(repr((golang.ENVIRONMENT, platform.system(), platform.machine())).encode())
    digest.update((golang.goroot() / "VERSION").read_bytes())
    for path in (*sources(), Path(__file__), Path(licences.__file__)):
        digest.update(f"\0{os.path.relpath(path, golang.ENGINE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{package_version()}+{digest.hexdigest()[:12]}"


def build() -> bool:
    """Build the engine if it has to be, again if its sources changed meanwhile; tells whether it had to."""
    built = False
    while not is_built(version := identity()):
        make(version)
        built = True
    return built


def is_built(version: str) -> bool:
    """Whether all that a build leaves is there, from these sources."""
    return BINARY.is_file() and LICENSES.is_file() and VERSION.is_file() and VERSION.read_text().strip() == version


def make(version: str) -> None:
    """Build the engine; VERSION comes last, so that what was interrupted is built again."""
    progress.say(FIRST_TIME)
    packages = linked_packages()
    texts = licences.collect(packages, golang.goroot())
    OUTPUT.mkdir(exist_ok=True)
    VERSION.unlink(missing_ok=True)
    compile_to(BINARY, version, len(packages))
    LICENSES.write_text(texts, encoding="utf-8")
    VERSION.write_text(f"{version}\n")


def linked_packages() -> list[licences.Package]:
    """The packages that are linked; downloads their modules as needed."""
    code, errors = progress.run(["list", "-deps", "."], r"go: downloading .+", "{} modules downloaded")
    if code:
        raise BuildFault(why(code, errors))
    line, environment = golang.command("list", "-deps", "-f", licences.LIST_FORMAT, ".")
    listed = subprocess.run(line, env=environment, cwd=golang.ENGINE, capture_output=True, text=True, check=True)
    return licences.parse_list(listed.stdout)


def compile_to(binary: Path, version: str, count: int) -> None:
    """Compile and link; the old binary stays in place, and in use, until the new one is complete."""
    fresh = binary.with_name(f".{binary.name}.new")
    arguments = ["build", "-v", f"-ldflags=-s -w -X main.version={version}", "-o", str(fresh), "."]
    code, errors = progress.run(arguments, r"[\w./~-]+", f"{{}} of at most {count} packages compiled")
    if code:
        fresh.unlink(missing_ok=True)
        raise BuildFault(why(code, errors))
    fresh.replace(binary)


def why(code: int, errors: list[str]) -> str:
    """One sentence for a build that failed."""
    if code < 0 or any("signal: killed" in line for line in errors):
        return "The Go compiler was killed: building the engine takes 2 GB of memory on two cores, and more on more."
    reason = last_line(errors)
    return OUT_OF_REACH.format(reason=reason) if unreachable(errors) else f"The engine does not build: {reason}."


def unreachable(errors: list[str]) -> bool:
    """Whether Go failed for want of a module rather than for what the sources say."""
    pattern = r"dial tcp|lookup \S+|GOPROXY=off|proxyconnect|i/o timeout|TLS handshake|40[34] |50\d |connection re"
    return any(re.search(pattern, line) for line in errors)


def last_line(errors: list[str]) -> str:
    """The last line that says something, without its full stop."""
    lines = [line.strip() for line in errors if line.strip()]
    return lines[-1].rstrip(".") if lines else "Go gave no reason"


if __name__ == "__main__":
    try:
        build()
    except BuildFault as fault:
        sys.exit(str(fault))
