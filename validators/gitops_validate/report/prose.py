"""The pages of rules as HTML: paragraphs, words in code, and files. They use no more of Markdown than that."""

from __future__ import annotations

import re
from html import escape

from gitops_validate.pages import FENCE
from gitops_validate.rule import Rule

_CODE, _BOLD = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")


def as_html(rule: Rule) -> str:
    """The page without its title."""
    parts, last = [], 0
    body = rule.page.partition("\n")[2]
    for fence in FENCE.finditer(body):
        parts += [_paragraphs(body[last : fence.start()]), _file(fence[2], fence[3])]
        last = fence.end()
    return "".join([*parts, _paragraphs(body[last:])])


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in re.split(r"\n\s*\n", text.strip()) if part)


def _inline(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", _CODE.sub(r"<code>\1</code>", escape(text)))


def _file(path: str, text: str) -> str:
    lines = "".join(f'<span class="line{" marked" if "# finding" in line else ""}">{escape(line)}\n</span>' for line in text.rstrip("\n").split("\n"))
    return f'<figure class="code"><figcaption>{escape(path)}</figcaption><pre tabindex="0">{lines}</pre></figure>'
