"""The values that a Secret holds, in each form in which they may turn up elsewhere."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote, quote_plus

import orjson

from gitops_validate.judging.hide import LAST_APPLIED
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import leaves

PLACEHOLDER = "encrypted"
"""What an encrypted value renders as without a key."""
PLAIN = frozenset({PLACEHOLDER, '{"auths":{}}', "true", "false", "null", "none", "default", "opaque"})
"""Values, in lower case, that are not searched for: they stand everywhere."""
_SETTING = re.compile(r"""(?:- +)?["']?[\w.-]+["']?\s*[:=]\s*["']?(?P<value>.+)""")
_WITHIN = re.compile(
    r"""(?:[\[{,]\s*+|["'\w]:\s++)(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'\[\]{},:](?:[^\[\]{},:]|:(?!\s))*+))\s*+(?=[,\]}])"""
)
"""A value in a list or a mapping that stands in one line; keys are none, which a colon follows."""
_AROUND = " \t\"',:="
_LOGIN = re.compile(r"://[^\s/:@]*:(?P<value>[^\s/@]+)@")
_TELLING = 12
"""Characters from which a setting in a configuration file counts as a value of its own: `level: info` is no secret."""


def held(secret: RenderedObject) -> Iterator[str]:
    """Every text that a Secret holds, as written and, under data, decoded."""
    for section in ("data", "stringData"):
        for _, leaf in leaves(secret.data.get(section)):
            if leaf is None or isinstance(leaf, bool):
                continue
            yield str(leaf)
            if section == "data":
                yield from _decoded(str(leaf))
    annotations = secret.get("metadata", "annotations")
    if isinstance(annotations, dict) and isinstance(annotations.get(LAST_APPLIED), str):
        yield annotations[LAST_APPLIED]


def forms(value: str) -> Iterator[str]:
    """A value as it may stand elsewhere: as it is, by the line, by the setting if it is a configuration file, and each of these as it is escaped."""
    lines = [line.strip() for line in value.splitlines()]
    bare = (line.strip(_AROUND) for line in lines)  # a value may stand on a line of its own below its key
    pieces = {value, value.strip(), *(line for line in [*lines, *bare] if len(line) >= _TELLING)}
    pieces |= {found["value"] for found in _LOGIN.finditer(value)}
    if len(lines) > 1:
        pieces |= {setting for line in lines for setting in (_setting(line), *_within(line)) if len(setting) >= _TELLING}
    for leaf in (str(leaf) for leaf in _json(value) if len(str(leaf)) >= _TELLING):
        pieces |= {leaf, *_login(leaf)}
    for piece in pieces:
        if piece and piece.lower() not in PLAIN:
            yield piece
            yield base64.b64encode(piece.encode("utf-8", "replace")).decode()
            yield from _escaped(piece) - {piece}


def _escaped(piece: str) -> set[str]:
    """A value as URLs and JSON write it; Go's JSON escapes what HTML would read."""
    texts = {json.dumps(piece, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
    go = {text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") for text in texts}
    return {*texts, *go, *(write(piece, safe=kept, errors="replace") for write in (quote, quote_plus) for kept in ("", "/"))}


def _setting(line: str) -> str:
    """What a line of a configuration file sets, "" if it sets nothing."""
    found = _SETTING.match(line)
    value = found["value"].removesuffix(",") if found else ""
    return value[:-1] if value.endswith(('"', "'")) else value


def _within(line: str) -> Iterator[str]:
    """The values of a list or a mapping that stands in one line."""
    if "{" in line or "[" in line:
        yield from (next(filter(None, found.groups()), "").strip() for found in _WITHIN.finditer(line))


def _json(value: str) -> Iterator[object]:
    if value.lstrip()[:1] in ("{", "["):
        try:
            yield from (leaf for _, leaf in leaves(orjson.loads(value)))
        except ValueError:
            return


def _login(text: str) -> Iterator[str]:
    """A name and its password, in base64 as in the login to a registry."""
    for decoded in _decoded(text):
        name, _, password = decoded.partition(":")
        yield from (decoded, password) if name and password else ()


def _decoded(text: str) -> Iterator[str]:
    try:
        yield base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return


def readings(text: str) -> Iterator[bytes]:
    """What a text may be when it is decoded: from base64, also that of URLs, and from hexadecimal digits."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    for decode, coded in ((base64.b64decode, f"{plain}{'=' * (-len(plain) % 4)}"), (bytes.fromhex, plain.removeprefix("0x"))):
        with suppress(binascii.Error, ValueError):
            yield decode(coded)
