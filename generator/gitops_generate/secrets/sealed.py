"""Encrypted files: sealed and opened by SOPS' own code in the engine; plain values are only ever in memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gitops_generate.errors import Refused
from gitops_generate.secrets.wanted import Wanted
from gitops_validate.engine import Answer, Engine, Question

SELECTOR = "^(data|stringData)$"
MAXIMUM = 5 << 20  # bytes; Flux reads no larger file


class Safe(AbstractContextManager["Safe"]):
    """Seals and opens. One engine process while the context lasts."""

    def __init__(self) -> None:
        self._engine = Engine([], workers=1)

    def __enter__(self) -> Self:
        self._engine.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._engine.__exit__(kind, fault, trace)

    def keygen(self, *, hybrid: bool = False) -> tuple[bytes, str]:
        """A new private age key, as a line, and its recipient."""
        answer = self._engine.ask(Question("keygen", {"hybrid": hybrid}))
        return answer.blobs[0], str(answer.result["recipient"])

    def seal(self, wanted: Wanted, values: dict[str, str], recipients: Sequence[str], path: Path) -> bytes:
        """The encrypted file of a secret. Raises Refused with SOPS' reason."""
        plain = self._yaml(_manifest(wanted, values))
        return _file(
            self._engine.ask(Question("encrypt", {"path": str(path), "recipients": [list(recipients)], "encrypted_regex": SELECTOR}, [plain])), path
        )

    def open(self, content: bytes, identity: bytes, path: Path) -> dict[str, str]:
        """The values of an encrypted Secret. Raises Refused where the key does not fit, or the file was altered."""
        answer = self._engine.ask(Question("decrypt", {"root": "", "path": str(path)}, [content, identity]))
        documents = answer.result.get("documents") or []
        if answer.result["mac"] != "valid" or len(documents) != 1:
            problems = answer.result.get("problems") or [{"message": "it is not one encrypted Secret"}]
            raise Refused(f"{path} cannot be decrypted: {problems[0]['message']}")
        data = orjson.loads(answer.blobs[documents[0]["blob"]])
        values = data.get("stringData") or {}
        if not isinstance(values, dict) or data.get("data"):
            raise Refused(f"{path} keeps values under data: gitops-generate writes stringData, and changes only what it wrote")
        return {str(key): str(value) for key, value in values.items()}

    def reseal(self, content: bytes, identity: bytes, recipients: Sequence[str], path: Path) -> bytes:
        """The same values under a new data key, for these recipients. Raises Refused."""
        return _file(
            self._engine.ask(Question("rotate", {"root": "", "path": str(path), "recipients": [list(recipients)]}, [content, identity])), path
        )

    def recipients(self, content: bytes, path: Path) -> list[str]:
        """Who can read a file. No key is needed. Raises Refused where it is not encrypted."""
        result = self._engine.ask(Question("inspect", {"root": "", "path": str(path)}, [content])).result
        found = [str(one["id"]) for group in result.get("recipients") or [] for one in group]
        if not found:
            raise Refused(f"{path} is not encrypted: gitops-generate writes no such file; remove it, and change what it held")
        return found

    def _yaml(self, manifest: dict[str, Any]) -> bytes:
        return self._engine.ask(Question("print", {}, [orjson.dumps(manifest)])).blobs[0]


def _manifest(wanted: Wanted, values: dict[str, str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": wanted.name, "namespace": wanted.namespace}
    for field, content in (("labels", wanted.labels), ("annotations", wanted.annotations)):
        if content:
            metadata[field] = dict(content)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": wanted.type, "stringData": values}


def _file(answer: Answer, path: Path) -> bytes:
    failure = answer.result.get("failure")
    if failure:
        raise Refused(f"{path} was not encrypted: {failure['message']}")
    if len(answer.blobs[0]) > MAXIMUM:
        raise Refused(f"{path} would be larger than {MAXIMUM >> 20} MiB, and Flux reads no such file")
    return answer.blobs[0]
