"""The page: whole without a script, quick to search with one, and nothing in it comes alive."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_validate.model.place import Place
from gitops_validate.model.report import Report
from gitops_validate.rule import rules

from .browser import CHROMIUM, Page, opened
from .sample import FINDING, FULL, HOSTILE, SOURCE, hostile, written
from .skeleton import Skeleton, skeleton_of

in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")


def skeleton(report: Report, source: str = SOURCE) -> Skeleton:
    return skeleton_of(written("html", report, source))


def test_without_a_script_everything_is_there_to_read() -> None:
    text = re.sub(r"<script>.*?</script>", "", written("html", FULL), flags=re.DOTALL)
    assert "<h1>2 errors, 1 warning, 1 note</h1>" in text
    assert "<i>6</i>  <mark>replicas: -1</mark>" in text
    for words in (
        "say how many",
        "waived because</b> known until spring",
        "nothing defines it",
        "not ours",
        "from the other team",
        "The rules behind it",
    ):
        assert words in text
    assert '<form class="filter" role="search" hidden>' in text


def test_a_clean_report_is_calm() -> None:
    text = written("html", Report(FULL.summary))
    assert "<h1>Nothing found</h1>" in text
    assert '<header class="top good">' in text
    assert "<article" not in text


def test_a_gap_is_not_calm() -> None:
    text = written("html", replace(FULL, findings=()))
    assert "<h1>Not everything could be checked</h1>" in text


def test_failed_and_missing_reconcilers_are_marked_and_lead_to_their_finding() -> None:
    text = written("html", FULL)
    assert '<a href="#f1"><g class="box failed found"' in text
    assert '<g class="box missing"' in text
    assert "Kustomization/flux-system/gone: nothing declares it" in text
    assert 'class="edge bad"' in text


def test_the_policy_lets_run_what_is_ours_alone() -> None:
    text = written("html", FULL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    for tag, body in re.findall(r"<(style|script)>(.*?)</\1>", text, re.DOTALL):
        assert f"{tag}-src 'sha256-{b64encode(sha256(body.encode()).digest()).decode()}'" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]


def test_links_stay_in_the_page_and_lead_somewhere() -> None:
    found = skeleton(FULL)
    assert len(set(found.anchors)) == len(found.anchors)
    assert found.links and {link.removeprefix("#") for link in found.links} <= set(found.anchors)


@given(st.sampled_from(HOSTILE) | st.text(st.characters(), min_size=1))
def test_the_page_is_the_same_whatever_it_tells_of(text: str) -> None:
    assume(text not in rules())  # a name of ours brings its own page along
    page = written("html", hostile(text), text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", page)
    found, harmless = skeleton(hostile(text), text), skeleton(hostile("plain"), text)
    drop = [("wbr", ())]
    assert [each for each in found.elements if each not in drop] == [each for each in harmless.elements if each not in drop]
    assert all(link.startswith("#") for link in found.links)


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY-1PPPPPPPPPPPPPP", "hunter2"])
@pytest.mark.parametrize("name", ["text", "json", "junit", "codeclimate", "sarif", "markdown", "html"])
def test_no_format_tells_a_secret(name: str, secret: str) -> None:
    quoted = replace(
        FINDING, message=f"cannot read AGE-SECRET-KEY-1PPPPPPPPPPPPPP of https://me:hunter2@git.example/x: {'x' * 9}", fix="say https://me:hunter2@h"
    )
    source = f"apiVersion: v1\nkind: Secret\nstringData:\n  a: hunter2\n  b: {secret}\n  c: hunter2\n"
    assert secret not in written(name, replace(FULL, findings=(replace(quoted, place=Place("a", 5, 3)),)), source)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    other = replace(
        FINDING, message="quite another matter", place=Place("c.yaml", 1, 1), environment="stage", rule="unset-variable", fingerprint="f09d"
    )
    (tmp_path / "report.html").write_text(written("html", replace(FULL, findings=(*FULL.findings, other))))
    with opened(tmp_path / "report.html", tmp_path / "home") as found:
        yield found


SHOWN = "[...document.querySelectorAll('#findings .card')].filter(card => card.checkVisibility()).length"


@in_a_browser
def test_it_is_searched_by_keyboard(page: Page) -> None:
    assert page.ask(SHOWN) == 4
    page.press("/")
    for key in "another":
        page.press(key)
    page.wait(f"{SHOWN} === 1")
    assert page.ask("document.querySelector('.filter output').textContent") == "1 of 4"
    page.press("Escape")
    page.wait(f"{SHOWN} === 4")
    page.ask("document.activeElement.blur()")
    page.press("j")
    first = page.ask("document.activeElement.id")
    page.press("j")
    assert first.startswith("f")
    assert page.ask("document.activeElement.id") != first
    assert page.told == []


@in_a_browser
def test_it_filters_by_severity_rule_and_environment(page: Page) -> None:
    page.ask("document.querySelector('[name=severity][value=error]').click()")
    page.wait(f"{SHOWN} === 2")
    page.ask("document.querySelector('[name=severity][value=error]').click()")
    choose = "(name, label) => {{ const box = document.querySelector(`[name=${{name}}]`); box.value = [...box.options].find(o => o.text === label).value; box.dispatchEvent(new Event('input', {{bubbles: true}})) }}"
    page.ask(f"({choose.format()})('environment', 'stage')")
    page.wait(f"{SHOWN} === 2")
    page.ask(f"({choose.format()})('rule', 'unset-variable')")
    page.wait(f"{SHOWN} === 1")
    page.ask(
        "document.querySelector('[name=text]').value = 'nowhere'; document.querySelector('[name=text]').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    page.wait(f"{SHOWN} === 0")
    assert page.ask("document.querySelector('.none').checkVisibility()")
    page.ask("document.querySelector('.reset').click()")
    page.wait(f"{SHOWN} === 4")


@in_a_browser
def test_nothing_runs_in_it_and_a_phone_can_read_it(tmp_path: Path) -> None:
    findings = tuple(each for text in HOSTILE for each in hostile(text).findings)
    report = replace(hostile(HOSTILE[0]), findings=findings)
    (tmp_path / "report.html").write_text(written("html", report, "\n".join(HOSTILE[2:5])))
    with opened(tmp_path / "report.html", tmp_path / "home") as page:
        page.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
        assert page.ask("document.querySelector('.filter').checkVisibility()")
        assert page.ask("document.documentElement.scrollWidth") == 390
        assert page.ask("document.querySelectorAll('img, script').length") == 1
        assert page.told == []
