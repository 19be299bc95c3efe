"""Whether a chart speaks of Flux, or of files outside of it, so that more may come of it than what it renders."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from msgspec import Struct, field

from gitops_validate.building.build import Plan
from gitops_validate.model.manifest import Repo

MENTION = re.compile(rb"fluxcd")
_ELSEWHERE = re.compile(rb"fluxcd|file://")
_ESCAPE = re.compile(rb"\\(?:(?:x|u00|U000000)(?P<code>[0-9a-fA-F]{2})|(?P<octal>[01][0-7]{2})|(?P<slash>/)|\r?\n[ \t]*)")
"""How JSON, YAML and Go write a letter otherwise, or break a word over two lines."""
_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""What a file in UTF-16 begins with."""
_PACKED = (".tgz", ".tar.gz")
LARGEST = 64 << 20
"""Bytes of a chart that are looked through; what a larger one says is not known."""
CHUNK = 1 << 20
"""Bytes that are unpacked at a time; a word may lie across two pieces."""
_OVERLAP = 64
_GZIP = 31
"""What zlib calls a window of its largest size, with gzip's header."""


def speaks(body: bytes, of: re.Pattern[bytes] = MENTION) -> bool:
    """Whether a text speaks of Flux, whether letters of that are escaped or not; one that is no UTF-8 may."""
    if body.startswith(_MARKS) or of.search(body):
        return True
    return b"\\" in body and of.search(_ESCAPE.sub(_meant, body)) is not None


def _meant(found: re.Match[bytes]) -> bytes:
    if code := found["code"]:
        return bytes([int(code, 16)])
    return bytes([int(found["octal"], 8)]) if found["octal"] else found["slash"] or b""


class Charts(Struct):
    """The charts of a checkout, each looked through once."""

    repo: Repo
    _known: dict[str, bool] = field(default_factory=dict)

    def mention(self, plan: Plan) -> bool:
        """Whether the chart of a release may bring more than it renders."""
        location = plan.question.question.args["chart"]
        place = str(location.get("folder") or location["archive"])
        if place not in self._known:
            self._known[place] = self._folder(place) if "folder" in location else archive(Path(place))
        return self._known[place] or ("folder" in location and _takes_files(plan))

    def _folder(self, folder: str) -> bool:
        inside = "" if folder == "." else f"{folder}/"
        paths = [path for path in self.repo.digests if path.startswith(inside)]
        linked = any(path.startswith(inside) or inside.startswith(f"{path}/") for path in self.repo.links)
        return linked or not paths or any(path.endswith(_PACKED) or _file(self.repo.root / path) for path in paths)


def _takes_files(plan: Plan) -> bool:
    """Whether a release names files with values, which may lie outside of its chart's folder."""
    match plan.question.question.args["release"]["spec"]:
        case {"chart": {"spec": {"valuesFiles": files}}}:
            return bool(files)
    return False


def _file(path: Path) -> bool:
    try:
        return path.stat().st_size > LARGEST or speaks(path.read_bytes(), _ELSEWHERE)
    except OSError:
        return True


def archive(path: Path) -> bool:
    """Whether an archive may bring more than it renders; looked through a piece at a time, as nobody knows how large it is unpacked."""
    unpacked, tail = 0, b""
    try:
        packed, stream = path.read_bytes(), zlib.decompressobj(_GZIP)
        while packed and not stream.eof and unpacked < LARGEST:
            piece = stream.decompress(packed, CHUNK)
            unpacked, packed = unpacked + len(piece), stream.unconsumed_tail
            if speaks(tail + piece, _ELSEWHERE) or any(word.encode() in tail + piece for word in _PACKED):
                return True
            tail = piece[-_OVERLAP:]
    except (OSError, zlib.error):
        return True
    return not stream.eof or bool(stream.unused_data)
