"""Messages of the libraries may quote what they refuse. What a Secret holds never goes further."""

from __future__ import annotations

import re

from gitops_validate.model.render import RenderedObject
from gitops_validate.routes import leaves

HIDDEN = "<hidden>"
QUOTED = re.compile(
    r'(?<=Invalid value: )("(?:\\.|[^"\\])*"|[^:]+)|(?<=Unsupported value: )("(?:\\.|[^"\\])*"|[^:]+)|(?<=\{Value:)[^}]*|(?<=got &\{)[^}]*'
)
"""Where the API server repeats a value, in whatever notation."""


def without_secrets(message: str, rendered: RenderedObject) -> str:
    """The message, without any value that the data of a Secret holds."""
    if rendered.ref.kind != "Secret":
        return message
    held = (str(leaf) for field in ("data", "stringData") for _, leaf in leaves(rendered.data.get(field)) if leaf not in (None, ""))
    message = QUOTED.sub(HIDDEN, message)
    for value in sorted(set(held), key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, message)
    return message
