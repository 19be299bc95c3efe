#!/usr/bin/env bash
# Prepares .venv with the tools, builds the engine and installs the project editable. Does nothing when all of it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() { echo "$1" >&2; exit 1; }

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    stop "This needs Python 3.11 or newer with its venv module: install them (python3 and python3-venv on Debian), or set PYTHON to one."
}

install_packages() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" ||
        stop "The Python packages could not be installed (above, pip says why): without a way to PyPI, point pip at your mirror with PIP_INDEX_URL."
}

command -v git >/dev/null || stop "This needs git: install it and try again."
python=$(find_python)
interpreter=$("$python" -c 'import sys; print(sys.executable, sys.version)')
project=$(cksum <pyproject.toml)

is_new() { [ "$(cat ".venv/made-for-$1" 2>/dev/null)" != "$2" ]; }
done_with() { echo "$2" >".venv/made-for-$1"; }

if is_new interpreter "$interpreter"; then
    echo "setting up .venv: about a minute and 500 MB of disk the first time" >&2
    "$python" -m venv --clear .venv
    done_with interpreter "$interpreter"
fi
if is_new tools "$project"; then
    mapfile -t requirements < <("$python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")')
    install_packages "${requirements[@]}"
    done_with tools "$project"
fi
.venv/bin/python distribution/engine.py
if is_new project "$project"; then
    install_packages --no-build-isolation --editable '.[dev]'
    done_with project "$project"
fi
# Where PYTHONDONTWRITEBYTECODE is set, nothing else would ever keep what is compiled, and each run would take half a second longer.
.venv/bin/python -m compileall -q validators/gitops_validate generator/gitops_generate schemas/gitops_schemas
