"""Passwords among settings: what a name and its value say together, where nothing says for certain that it is a secret.

Told is only what nobody would write otherwise: a name that ends in a word for a secret, with a text that is neither a reference, a template nor an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate.placing.routes import Route

LONGEST = 200
"""Characters of a name or a value that is looked into."""
_PASSWORD = re.compile(r"(password|passwd|passphrase|pwd)$")
_SHORT = re.compile(r"(^|[_.-])pass$", re.IGNORECASE)
_KEY = re.compile(
    r"(token|apikey|accesskey|secretkey|privatekey|encryptionkey|signingkey|(client|cookie|session|jwt|hmac|webhook|shared|app)secret)$"
)
_NO_SECRET = re.compile(
    r"existing|^by|^no|bypass|without|public|csrf(cookie|header)|(host|max|min|next|page|continue|pagination|id|mount|automount\w*)token$"
)
"""Names that end alike and mean something else."""
_ELSEWHERE = re.compile(
    r"ref(s|erence)?$|from$|existing|secret(s|keys?|name|template)?$|keys?$|mapping|path|label|annotation|selector|schema|description", re.IGNORECASE
)
"""What stands above a name that says where a secret is, not what it is."""
_REFERENCE = re.compile(
    r"^\{[A-Za-z_][\w.:/~-]*\}$|\$[\w({$]|\{\{|<[^>]*>|%[\w(]|@\w+@|^(ref\+|vault:|env[:.]|file:|secret:|op://|arn:|projects/|/|\./|~/|!|&|\*)|^[a-z][a-z0-9+.-]*://|^ENC\[|\.svc\b|^[\w.-]+\.(pem|key|crt|txt|ya?ml|json|env)$",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"change.?(me|it)|replace|example|sample|dummy|placeholder|redacted|hidden|your|todo|fixme|insert|default|generated?|random|unused|xxx|\*\*\*|\.\.\.|^(.)\2*$",
    re.IGNORECASE,
)
_WORDS = frozenset(
    {
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "nil",
        "enabled",
        "disabled",
        "auto",
        "basic",
        "bearer",
        "required",
        "optional",
        "prefer",
        "always",
        "never",
    }
)
_NAME = re.compile(r"[a-z][a-z0-9]*([-.][a-z0-9]+)+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[a-z]+(_[a-z]+)+|[a-z]+([A-Z][a-z]+)+")
"""What objects, variables and keys are called: a secret may look so, but a reference to one always does."""
_LINE = re.compile(r"""[\s{,-]*["']?(?P<name>[A-Za-z][\w.-]{0,79})["']?\s*[:=]\s*(?P<value>"[^"]*"|'[^']*'|[^\s,;}]+)[\s,;}]*$""")
_CALL = re.compile(r"[A-Za-z_][\w.]*[(\[].*[)\]][\w.()]*")
"""What a program computes, as no setting is written without quotes."""
_COMMENT = ("#", ";", "//", "*", "--")


def is_password(way: Route, value: object) -> bool:
    """Whether a value is a password by the names on the way to it, the last of which is its own."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.strip():
        return False
    names = [name for name in way if isinstance(name, str)]
    plain = re.sub(r"[^a-z0-9]", "", names[-1][:LONGEST].lower()) if names else ""
    sort = _PASSWORD if _PASSWORD.search(plain) or (names and _SHORT.search(names[-1][-LONGEST:])) else _KEY if _KEY.search(plain) else None
    if sort is None or _NO_SECRET.search(plain) or any(_ELSEWHERE.search(name[:LONGEST]) for name in names[:-1]):
        return False
    text = value.strip()
    if text.lower() in _WORDS or _REFERENCE.search(text) or _EXAMPLE.search(text) or plain.endswith(re.sub(r"[^a-z0-9]", "", text.lower())):
        return False
    return not _NAME.fullmatch(text) and (sort is _PASSWORD or _looks_made(text))


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The passwords in a file of settings: the number of each line, from 0, and the name in it."""
    for number, line in enumerate(text.splitlines()):
        found = _LINE.match(line) if len(line) <= LONGEST * 2 and not line.lstrip().startswith(_COMMENT) else None
        if found and not _CALL.fullmatch(found["value"]) and is_password((found["name"],), found["value"].strip("\"'")):
            yield number, found["name"]


def _looks_made(text: str) -> bool:
    """Whether a text was made by a machine rather than chosen as a name: long, of one piece, with digits among its letters."""
    return len(text) >= 12 and not re.search(r"\s", text) and re.search(r"\d", text) is not None and re.search(r"[A-Za-z]", text) is not None
