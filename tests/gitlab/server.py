"""GitLab's API on the loopback, as far as notes go: what it holds, what it was asked, and how it is told to misbehave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

ME, SOMEBODY = 7, 666


class Failing(Exception):
    """An answer of that status, whatever has been done."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class GitLab:
    """A project with one merge request. `answers` are given instead of the real ones, first come first: a status with headers and a body."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.labels: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self.url = ""

    def note(self, body: str, author: int = SOMEBODY, *, system: bool = False) -> None:
        self.notes.append({"id": len(self.notes) + 1, "body": body, "author": {"id": author}, "system": system})

    def answer(self, method: str, target: str, body: Any) -> Any:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path == "/api/v4/user":
            return {"id": ME}
        if re.fullmatch(r"/api/v4/projects/1/merge_requests/2", path):
            self.labels |= set(body["add_labels"].split(","))
            self.labels -= set(body["remove_labels"].split(","))
            return {}
        if path == "/api/v4/projects/1/merge_requests/2/notes" and method == "GET":
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return self.notes[(page - 1) * size : page * size]
        if path == "/api/v4/projects/1/merge_requests/2/notes":
            self.note(body["body"], ME)
            return self.notes[-1]
        number = int(re.fullmatch(r"/api/v4/projects/1/merge_requests/2/notes/(\d+)", path)[1])  # type: ignore[index]
        found = next(note for note in self.notes if note["id"] == number)
        if method == "DELETE":
            self.notes.remove(found)
            return None
        found["body"] = body["body"]
        return found


@contextmanager
def served() -> Iterator[GitLab]:
    """A GitLab at `url` for as long as the context lasts."""
    gitlab = GitLab()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            gitlab.asked.append((self.command, self.path))
            gitlab.tokens.add(self.headers.get("PRIVATE-TOKEN", ""))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if gitlab.answers:
                status, headers, text = gitlab.answers.pop(0)
            else:
                status, headers, text = 200, {}, ""
                try:
                    found = gitlab.answer(self.command, self.path, json.loads(body) if body else None)
                    status, text = (204, "") if found is None else (200, json.dumps(found))
                except Failing as fault:
                    status = fault.status
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the names that the base class looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    gitlab.url = f"http://127.0.0.1:{server.server_port}/api/v4"
    try:
        yield gitlab
    finally:
        server.shutdown()
        server.server_close()
