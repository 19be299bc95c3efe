"""The note of a merge request: HTML blocks in which nothing of the repository comes alive."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_validate.model.place import Place
from gitops_validate.report import markdown

from .sample import FINDING, FULL, HOSTILE, hostile, written

OURS = {"table", "tr", "td", "th", "details", "summary", "code", "b", "br", "p"}


class Tags(HTMLParser):
    """Every tag, and the text outside of `<code>`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.bare = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs or attrs == [("colspan", "2")]
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.bare += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    return tags


def test_a_full_report_in_words() -> None:
    text = written("markdown", FULL)
    assert text.startswith("## gitops-validate: ❌ fails\n\n2 errors, 1 warning, 1 note in 2 environments")
    assert "<details><summary><b><code>prod</code>, <code>stage</code></b>: 2 errors</summary>" in text
    assert "waived because: <code>known until spring</code>" in text
    assert "<td><code>example.org/Widget</code> <code>no-schema</code><br><code>nothing defines it</code></td>" in text
    assert "<td><code>redis</code> <code>chart</code><br><code>not ours</code></td>" in text
    assert "<td><code>db</code></td><td><code>from the other team</code></td>" in text


@given(st.sampled_from(HOSTILE) | st.text(st.characters(), min_size=1))
def test_nothing_comes_alive(text: str) -> None:
    note = written("markdown", hostile(text))
    tags = parsed(note)
    assert set(tags.tags) <= OURS
    assert parsed(written("markdown", hostile("plain"))).bare == tags.bare
    assert all(not line or line[0] in "<#123456789" for line in note.split("\n"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", note)


def test_an_html_block_has_no_empty_line_in_it() -> None:
    for block in written("markdown", FULL).split("\n\n"):
        assert block.count("<details>") == block.count("</details>")
        assert block.count("<table>") == block.count("</table>")


def test_it_stays_below_the_length_of_a_note_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    many = replace(
        FULL,
        findings=tuple(replace(FINDING, message="x" * 900, environment=f"e{number % 40}", place=Place("a", number + 1)) for number in range(9000)),
    )
    text = written("markdown", many)
    assert 500_000 < len(text) < 1_000_000
    assert "left out, as a note holds 1,000,000 characters" in text
    parsed(text)
    monkeypatch.setattr(markdown, "LARGEST", 2000)
    assert len(written("markdown", many)) < 3000
