"""Messages of the libraries may quote what they refuse. What a Secret holds never goes further."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import leaves

HIDDEN = "<hidden>"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
QUOTED = re.compile(
    r'(?<=Invalid value: )("(?:\\.|[^"\\])*"|[^:]+)|(?<=Unsupported value: )("(?:\\.|[^"\\])*"|[^:]+)|(?<=\{Value:)[^}]*|(?<=got &\{)[^}]*'
)
"""Where the API server repeats a value, in whatever notation."""


def as_shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object as it may be printed: the values of a Secret hidden, under `data`, where the API server keeps what is written as stringData."""
    shown = dict(data)
    annotations = (shown.get("metadata") or {}).get("annotations")
    if isinstance(annotations, dict) and LAST_APPLIED in annotations:
        shown["metadata"] = {**shown["metadata"], "annotations": {**annotations, LAST_APPLIED: HIDDEN}}
    if shown.get("kind") == "Secret":
        sections = [shown.pop(name, None) for name in ("data", "stringData")]
        shown["data"] = {key: HIDDEN for section in sections if isinstance(section, dict) for key in section}
    return shown


def without_secrets(message: str, rendered: RenderedObject) -> str:
    """The message, without any value that the data of a Secret holds."""
    if rendered.ref.kind != "Secret":
        return message
    held = (str(leaf) for field in ("data", "stringData") for _, leaf in leaves(rendered.data.get(field)) if leaf not in (None, ""))
    message = QUOTED.sub(HIDDEN, message)
    for value in sorted(set(held), key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, message)
    return message
