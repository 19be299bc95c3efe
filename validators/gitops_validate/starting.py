"""Whether a kube-apiserver would start with its flags: Kubernetes' own code says so."""

from __future__ import annotations

from difflib import get_close_matches

from msgspec import Struct

from gitops_validate.config import Engine
from gitops_validate.engine.wire import Question
from gitops_validate.model.server import ApiServer


class Refusal(Struct, frozen=True):
    """The flag, the key of the entry that is to blame, "" where none can be told alone, and why in a sentence."""

    flag: str
    key: str
    message: str


def refusal(server: ApiServer, engine: Engine) -> Refusal | None:
    """What an API server does not start with, None if it starts. Raises EngineError."""
    if not server.changed:
        return None
    match engine.ask(Question("server", {}, server=server)).result.get("refused"):
        case {"flag": str(flag), "key": str(key), "message": str(said), **rest}:
            reason = f"the API server's code, which emulates Kubernetes {server.version}, does not start with it: {said}"
            return Refusal(flag, key, reason + _meant(key, rest.get("known")))
    return None


def _meant(key: str, known: object) -> str:
    """What to say of a name that is none of those that are known."""
    if not key or not isinstance(known, list) or key in known:
        return ""
    close = get_close_matches(key, known, 1, cutoff=0.8)
    return f"; did you mean {close[0]!r}?" if close else "; if Kubernetes has dropped it since, it is always on or off: leave it out"
