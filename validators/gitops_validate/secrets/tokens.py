"""What tokens and private keys look like: those whose publishers gave them a prefix, so that they can be told from any other text, and passwords in addresses."""

from __future__ import annotations

import re

PREFIXED = {
    "a token of GitLab": r"\bgl(?:pat|dt|ptt|rt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_-]{20,}",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    "an access key of AWS": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a token of Vault": r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
}
"""What each is called, and its form as its publisher documents it."""
ANY = re.compile("|".join(PREFIXED.values()))
HINT = re.compile(ANY.pattern.replace(r"\b", "").encode())
"""The same for bytes, wherever in a word: much is passed over by it, and quickly."""
SECRETIVE = re.compile(r"pass|pwd|secret|token|key|credential|cookie|salt|dsn", re.IGNORECASE)
"""What the names of secret values speak of."""
PRIVATE_KEY = re.compile(r"AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{40,}|-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----")
"""A key of age, or one in PEM."""
_NAMED = {name: re.compile(pattern) for name, pattern in PREFIXED.items()}
_LOGIN = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"{}$<>()]{1,80}:(?P<password>[^\s/@'\"{}$<>()*%]{6,})@[\w.-]")
_EXAMPLE = re.compile(r"example|sample|dummy|fake|placeholder|changeme|redacted|password|passwd|secret|your|not-?a-?real|(.)\1{5}", re.IGNORECASE)
"""Words of which documentation makes its tokens."""


def found(text: str, *, addresses: bool = True) -> str:
    """What sort of token stands in a text, "" if none does that looks real; with `addresses`, passwords in them count too."""
    for name, pattern in _NAMED.items() if ANY.search(text) else ():
        if any(not _EXAMPLE.search(match.group()) for match in pattern.finditer(text)):
            return name
    if addresses and "://" in text and any(not _EXAMPLE.search(match["password"]) for match in _LOGIN.finditer(text)):
        return "a password in an address"
    return ""
