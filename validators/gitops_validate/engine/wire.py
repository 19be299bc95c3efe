"""Messages: one line of JSON, then the blobs whose lengths it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

import orjson
from msgspec import Struct, field

from gitops_validate.model.server import ApiServer

ANY = ApiServer()
"""Of a question whose answer does not depend on it."""
MAX_HEADER = 256 << 20
"""Bytes that one reply's header may have; the engine's own limits are below."""


class Question(Struct, frozen=True):
    """One request. `definitions` are CustomResourceDefinitions, and `policies` lists of policies, by digest, that the worker must know before it answers."""

    op: str
    args: Mapping[str, Any]
    blobs: Sequence[bytes] = ()
    server: ApiServer = ANY
    """The API server to answer for."""
    definitions: Mapping[str, bytes] = field(default_factory=dict)
    policies: Mapping[str, bytes] = field(default_factory=dict)


class Answer(Struct, frozen=True):
    """What the engine said: the result and the bodies that it refers to by index."""

    result: dict[str, Any]
    blobs: tuple[bytes, ...] = ()


class Garbled(Exception):
    """The worker's output ended or made no sense."""


def send(pipe: IO[bytes], number: int, question: Question) -> None:
    """Write one request and flush it."""
    sizes = [len(blob) for blob in question.blobs]
    header = {"id": number, "op": question.op, "args": question.args, "blobs": sizes}
    pipe.write(orjson.dumps(header, option=orjson.OPT_APPEND_NEWLINE))
    for blob in question.blobs:
        pipe.write(blob)
    pipe.flush()


def receive(pipe: IO[bytes], number: int) -> tuple[Answer | None, str]:
    """Read one reply: the answer, or None and the engine's error. Raises Garbled."""
    header = pipe.readline(MAX_HEADER)
    if not header.endswith(b"\n"):
        raise Garbled("it ended without an answer")
    try:
        reply = orjson.loads(header)
        sizes = reply.get("blobs") or []
        if reply["id"] != number:
            raise Garbled("it answered another question")
    except (ValueError, KeyError, AttributeError) as fault:
        raise Garbled("its answer is not JSON") from fault
    body = pipe.read(sum(sizes))
    if len(body) != sum(sizes):
        raise Garbled("its answer was cut short")
    if reply.get("error"):
        return None, str(reply["error"])
    return Answer(reply.get("result") or {}, split(body, sizes)), ""


def split(body: bytes, sizes: Sequence[int]) -> tuple[bytes, ...]:
    """The blobs that stand one after the other, by their lengths."""
    blobs, start = [], 0
    for size in sizes:
        blobs.append(body[start : start + size])
        start += size
    return tuple(blobs)
