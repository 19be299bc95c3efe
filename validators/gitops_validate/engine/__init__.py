"""The client of gitops-engine: a few worker processes, each of which may be killed and started again.

Ask one question with `Engine.ask`, many at once with `Engine.ask_all`. What an operation takes and answers is in docs/engine.md.
"""

from __future__ import annotations

from gitops_validate.engine.binary import binary
from gitops_validate.engine.pool import Engine
from gitops_validate.engine.wire import Answer, Question

__all__ = ["Answer", "Engine", "Question", "binary"]
