"""GitLab's API, as far as a note needs it: six requests, by the standard library.

python-gitlab would bring requests, its retries and its redirects; what matters here is what is *not* done: the token goes to no other host, is in no
message, and nothing that the server answers decides about the verdict.
"""

from __future__ import annotations

import ssl
import time
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

import orjson
from msgspec import Struct

from gitops_validate.model.record import Veiled

LARGEST = 64 << 20
"""Bytes of an answer that are read."""
TRIES, LONGEST_WAIT = 3, 30.0
"""How often a request is sent that might go through later, and how many seconds are waited in between at most."""
_REASONS = {
    401: "the token is not valid, or has expired",
    403: "the token may not do this: it needs the scope `api` and at least the role Reporter",
    404: "there is no such merge request, or the token does not see it",
    409: "somebody else is changing it",
    422: "GitLab refuses it",
    429: "too many requests",
}


class GitLabError(Exception):
    """Why GitLab did not do what it was asked, in one sentence without the token."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Api(Veiled, Struct, dict=True):
    """An API at an address such as https://gitlab.example/api/v4. `ca` is a file with the certificates of a private authority."""

    url: str
    token: str
    ca: str = ""
    seconds: float = 20.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or (parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")):
            raise GitLabError("the address of GitLab's API is not https: the token is not sent")
        if not self.token.isascii() or not self.token.isprintable():
            raise GitLabError("the token holds a character that no token of GitLab has")
        context = ssl.create_default_context(cafile=self.ca or None)
        self._open = build_opener(_NoRedirect(), HTTPSHandler(context=context), ProxyHandler()).open

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON values. Raises GitLabError; what may go through later is tried again, but not for long."""
        for left in reversed(range(TRIES)):
            try:
                return self._once(method, path, body)
            except HTTPError as fault:
                with fault:
                    if not left or not _passes(method, fault.code):
                        raise GitLabError(_sentence(method, path, fault.code)) from None
                    time.sleep(_wait(fault.headers.get("Retry-After"), TRIES - left))
            except (URLError, TimeoutError, ConnectionError, HTTPException, OSError) as fault:  # of which a POST may have arrived, too
                if not left or method == "POST":
                    raise GitLabError(f"{method} {path}: GitLab cannot be reached ({type(fault).__name__})") from None
                time.sleep(_wait(None, TRIES - left))
        raise AssertionError

    def _once(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else orjson.dumps(body)
        headers = {"PRIVATE-TOKEN": self.token, "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "gitops-validate"}
        request = Request(f"{self.url.rstrip('/')}{path}", data, headers, method=method)  # noqa: S310 - the scheme was looked at above
        with self._open(request, timeout=self.seconds) as answer:
            text = b"null" if answer.status == HTTPStatus.NO_CONTENT else answer.read(LARGEST + 1)
        try:
            return orjson.loads(text)
        except ValueError:
            raise GitLabError(f"{method} {path}: what answers is not GitLab's API (a page to sign in, or a proxy)") from None


def _passes(method: str, code: int) -> bool:
    """Whether a request may go through later. What was posted may have arrived where a server gave up: a second note would be worse than none."""
    return code in (409, 429) or (code >= 500 and method != "POST")


def _sentence(method: str, path: str, code: int) -> str:
    if 300 <= code < 400:
        return f"{method} {path}: GitLab sends on to another address ({code}), which the token does not go to"
    return f"{method} {path}: {_REASONS.get(code, 'GitLab has trouble')} ({code})"


def _wait(asked: str | None, tries: int) -> float:
    return min(float(asked), LONGEST_WAIT) if asked and asked.isdigit() else float(tries)
