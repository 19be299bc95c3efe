"""Questions at a terminal: Alt+Enter, which ends the question of several lines, ends the others too, as Enter does.

Without this it takes the prompts by surprise: whatever was chosen, the answer is an empty text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary import Question


@contextmanager
def alt_enter() -> Iterator[None]:
    """While it lasts, Alt+Enter answers every question."""
    ask = Question.unsafe_ask

    def unsafe_ask(question: Question, *arguments: Any, **options: Any) -> Any:
        _listen(question)
        return ask(question, *arguments, **options)

    with patch.object(Question, "unsafe_ask", unsafe_ask):
        yield


def _listen(question: Question) -> None:
    """Give Alt+Enter what Enter does, where that is the question's own: choices, yes or no. A text has an Alt+Enter that works."""
    known = question.application.key_bindings
    enter = [each.handler for each in known.get_bindings_for_keys((Keys.ControlM,))] if known else []
    own = [handler for handler in enter if handler.__module__.partition(".")[0] == "questionary"]
    if known and own:
        more = KeyBindings()
        more.add(Keys.Escape, Keys.ControlM, eager=True)(own[-1])
        question.application.key_bindings = merge_key_bindings([known, more])
