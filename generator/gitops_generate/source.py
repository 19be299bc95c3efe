"""Where the template comes from: this package, which carries all released templates as one git bundle.

A repository remembers an address, not a path, so that it can be updated from any machine where the package is installed; git is told
that the address means the bundle. Whoever started with `copier copy` from a company's mirror has that mirror's address instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from plumbum import local

from gitops_generate.errors import Refused
from gitops_generate.packing import PARTS, git, pack
from gitops_validate import __version__

ADDRESS = "https://gitops-generate.invalid/template.git"
BUNDLE = Path(__file__).parent / "template.bundle"
CHECKOUT = Path(__file__).resolve().parents[2]


@contextmanager
def template(address: str = ADDRESS) -> Iterator[str]:
    """While it lasts, Copier can copy and update from the address. Raises Refused where the package carries no template."""
    with TemporaryDirectory(prefix="gitops-generate.") as scratch:
        repository = Path(scratch) / "template"
        if address == ADDRESS:
            _unpack(repository)
        kept = {"COPIER_CACHE_DIR": str(Path(scratch) / "mirrors")}
        meaning = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf", "GIT_CONFIG_VALUE_0": ADDRESS}
        before = os.environ.get("COPIER_CACHE_DIR")
        os.environ.update(kept)
        try:
            with local.env(**meaning, GIT_TERMINAL_PROMPT="0"):
                yield address
        finally:
            os.environ.pop("COPIER_CACHE_DIR")
            if before is not None:
                os.environ["COPIER_CACHE_DIR"] = before


def _unpack(into: Path) -> None:
    if BUNDLE.is_file():
        git(BUNDLE.parent, "clone", "--quiet", "--bare", str(BUNDLE), str(into))
    elif (CHECKOUT / PARTS[0]).is_file():
        pack(CHECKOUT, __version__, into)
    else:
        raise Refused("this installation carries no template: install the package again")
