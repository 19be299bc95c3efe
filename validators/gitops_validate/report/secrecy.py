"""What a line of a file may show: never a value that may be a secret.

Works on lines, not on parsed documents: a file that cannot be parsed must not leak either. When in doubt, the value is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitops_validate.secrets.tokens import ANY

HIDDEN = "<hidden>"

_NAME = (
    r"(?:pass(?:word|wd|phrase)|(?<![a-z])pass(?![a-z])|pwd|(?<!existing)secret|token|credential|private|auth(?!or)|dsn"
    r"|(?:api|access|encryption|signing)[-_.]?key|connection[-_.]?string)"
)
_REFERENCE = r"(?![\w.-]*(?:name|ref|refs|namespace|file|path|class|store|provider)\b)"
_HOLDS_SECRETS = re.compile(r"""\bkind["']?\s*:\s*["']?(?:SopsSecret|SealedSecret)\b|\bsecretGenerator\b|\bENC\[|^["']?sops["']?:""", re.MULTILINE)
_SECRET, _DATA = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b"""), re.compile(r"""\b(?:data|stringData)["']?\s*:""")
"""A Secret has data; what only refers to one, as valuesFrom does, has none."""
_CATALOGUE, _OBJECT = re.compile(r"^secrets:", re.MULTILINE), re.compile(r"^kind:", re.MULTILINE)
"""A catalogue of secrets holds none, unless somebody wrote one in the place of how it is made; a ServiceAccount has such a list too."""
_SETTING = re.compile(r"""(?<![\w.-])(?P<word>[\w.-]++)(?:["']\s*:\s*|\s*:\s+|["']?\s*=\s*)(?=(?!(?:true|false|null)\b)\S)""", re.IGNORECASE)
"""A word that is given a value. Words are found first and looked into afterwards, which takes no longer than the line is."""
_MEANS_A_SECRET = re.compile(rf"{_NAME}{_REFERENCE}", re.IGNORECASE)
_LONGEST = 200
"""Characters of a word that is looked into; nothing has so long a name."""
_NAMED_SECRET = re.compile(rf"""\b(?:name|key)["']?\s*:\s*["']?[\w.-]*{_NAME}""", re.IGNORECASE)
_VALUE = re.compile(r"""\bvalue["']?\s*:""")
_LOOKS_SECRET = re.compile(r"AGE-SECRET-KEY-|-----BEGIN|://[^/\s:@]*:[^/\s@]+@|^\s*(?:- )?[\"']?[A-Za-z0-9+/]{40,}={0,2}[\"']?,?\s*$")
_KEY = re.compile(r"""^(?P<indent>\s*(?:- +)*)(?P<key>"[^"]*"|'[^']*'|[^\s:"'{\[#&*!|>%@`-](?:[^:{\[#]*[^\s:{\[#])?)\s*+:(?=\s|$)""")


_KEYS_AND_TOKENS = re.compile(
    r"AGE-SECRET-KEY-[0-9A-Z]+|-----BEGIN[^-]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|$)|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)", re.DOTALL
)


def scrubbed(text: str) -> str:
    """A sentence without private keys and passwords of URLs, which libraries quote with whatever they refuse."""
    return _KEYS_AND_TOKENS.sub(HIDDEN, text)


def holds_secrets(lines: Sequence[str]) -> bool:
    """Whether a document is one whose values are secrets."""
    text = "\n".join(lines)
    if _SECRET.search(text) and _DATA.search(text):
        return True
    return bool(_HOLDS_SECRETS.search(text) or (_CATALOGUE.search(text) and not _OBJECT.search(text)))


def masked(lines: Sequence[str], number: int, *, holding: bool | None = None) -> str:
    """Line `number`, from 0, of a document. A hidden value's key stays where it is, so that columns still fit.

    `holding` is what `holds_secrets` says of the document, if that is known.
    """
    line = lines[number]
    if _LOOKS_SECRET.search(line) or ANY.search(line):
        return HIDDEN
    if holds_secrets(lines) if holding is None else holding:
        return line if _identifies(lines, number) else _only_key(line)
    return _only_key(line) if _sets_a_secret(line) or _is_value_of_secret(lines, number) else line


def _sets_a_secret(line: str) -> bool:
    words = (found["word"] for found in _SETTING.finditer(line))
    return any(len(word) > _LONGEST or _MEANS_A_SECRET.search(word) for word in words)


def _only_key(line: str) -> str:
    key = _KEY.match(line)
    if not key:
        return HIDDEN if line.strip() else line
    return line if key.end() == len(line.rstrip()) else f"{key.group()} {HIDDEN}"


def _identifies(lines: Sequence[str], number: int) -> bool:
    """Whether the line only says which object this is."""
    match _KEY.match(lines[number]):
        case None:
            return False
        case key if key["indent"] == "":
            return key["key"] in ("apiVersion", "kind", "type")
        case key:
            return key["key"] in ("name", "namespace") and _parent(lines, number, len(key["indent"])) in ("metadata", "secrets")


def _parent(lines: Sequence[str], number: int, indent: int) -> str:
    """The key of the nearest line above that is indented less, if it stands at the left edge."""
    for line in reversed(lines[:number]):
        key = _KEY.match(line)
        if key and len(key["indent"]) < indent:
            return key["key"] if key["indent"] == "" else ""
    return ""


def _is_value_of_secret(lines: Sequence[str], number: int) -> bool:
    """`value: x` beside `name: DB_PASSWORD`, on a line of its own or on the same."""
    if _NAMED_SECRET.search(lines[number]) and _VALUE.search(lines[number]):
        return True
    key = _KEY.match(lines[number])
    return bool(key and key["key"] == "value" and any(_NAMED_SECRET.search(line) for line in lines[max(0, number - 2) : number + 3]))
