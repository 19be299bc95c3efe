"""Fetches files over HTTP from whom the configuration allows: from git by a commit, or a single one. No redirect, login or setting of the user's counts."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from gitops_validate.errors import UsageError
from gitops_validate.revisions import git
from gitops_validate.revisions.history import Commit, contents

SECONDS = 60
LARGEST = 64 << 20
"""Bytes of all files of a repository that are taken, and of a single one."""
SETTINGS = {"http.followRedirects": "false", "credential.helper": ""}
"""Of git."""


class Unreachable(Exception):
    """Why something was not fetched."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Whoever is allowed is asked, and nobody that they name."""


def file(url: str) -> bytes:
    """The content of one file; the URL must be one of https. Raises Unreachable."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        _NoRedirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers={"User-Agent": "gitops-validate"})  # noqa: S310 - the opener speaks https alone
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            body: bytes = answer.read(LARGEST + 1)
    except (OSError, ValueError, HTTPException) as fault:
        raise Unreachable(str(fault)) from fault
    if len(body) > LARGEST:
        raise Unreachable(f"it has more than {LARGEST >> 20} MiB")
    return body


def repository(url: str, commit: str) -> dict[str, bytes]:
    """The files of a commit by their paths, without links and submodules; git takes them, and nothing is checked out. Raises Unreachable."""
    with tempfile.TemporaryDirectory(prefix="gitops-validate-") as name:
        try:
            refused = git.fetch(Path(name), url, commit, SECONDS, protocols=url.partition(":")[0], settings=SETTINGS)
            if refused is not None:
                raise Unreachable(refused)
            return dict(contents(Commit(Path(name), commit, ""), LARGEST))
        except (OSError, UsageError, subprocess.SubprocessError) as fault:
            raise Unreachable(str(fault)) from fault
