"""The page of a review: whole without a script, quick to search with one, and nothing in it comes alive."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_validate.model.change import ABSENT, Change, EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.finding import Finding, Severity
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.place import Place
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.report.look import Look
from gitops_validate.report.review import write

from ..reports.browser import CHROMIUM, Page, opened  # noqa: TID252 - tests have no package of their own
from ..reports.sample import HOSTILE  # noqa: TID252
from ..reports.skeleton import Skeleton, skeleton_of  # noqa: TID252

in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
APPS = ReconcilerRef("Kustomization", "flux-system", "apps")


def thing(name: str, image: str, kind: str = "Deployment", reconciler: ReconcilerRef = APPS) -> tuple[RenderedObject, dict[str, Any]]:
    data = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "web"}, "spec": {"replicas": 2, "image": image}}
    body = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS) if name.isprintable() else b"{}"
    return RenderedObject(ObjectRef("apps/v1", kind, "web", name), body, Origin("apps/web.yaml"), reconciler, "prod"), data


def modified(name: str, old: str = "web:1", new: str = "web:2", level: Level = Level.ROUTINE, kind: str = "Deployment") -> Change:
    (before, data), (after, other) = thing(name, old, kind), thing(name, new, kind)
    impact = Impact(level, "image", f"image web: {old} to {new}", after.ref)
    return Change("modified", before, after, (FieldChange("spec.image", old, new),), (impact,), (data, other))


def removed(name: str) -> Change:
    before, data = thing(name, "web:1", "Service")
    return Change("removed", before, None, (), (Impact(Level.DANGEROUS, "deleted", f"{before.ref} is deleted", before.ref),), (data, ABSENT))


def environment(name: str, *changes: Change) -> EnvironmentReview:
    impacts = tuple(impact for change in changes for impact in change.impacts)
    return EnvironmentReview(name, "changed", changes, impacts, (), Requests(1, 2**30), Requests(2, 2**31))


REVIEW = Review(
    "main",
    "the checkout",
    (environment("prod", modified("web"), modified("api", level=Level.CAREFUL), removed("old")), environment("dev", modified("web"))),
    brought=(Finding("api-verdict", Severity.ERROR, "spec.replicas: must not be negative", Place("apps/web.yaml", 6, 3), "f00d"),),
    files={"apps/web.yaml": "modified"},
)


def written(review: Review) -> str:
    out = io.StringIO()
    write("html", review, out, Look())
    return out.getvalue()


def hostile(text: str) -> Review:
    """A review in which everything that may come from a repository is that text."""
    ref, reconciler = ObjectRef("apps/v1", text, text, text), ReconcilerRef("Kustomization", text, text)
    one = RenderedObject(ref, b"{}", Origin(text), reconciler, text)
    shown = ({"kind": text, text: {"a": text}}, {"kind": text, text: {"a": "other", "b": [text]}})
    impact = Impact(Level.CAREFUL, "image", text, ref, text)
    change = Change("modified", one, one, (FieldChange(text, text, "other"),), (impact,), shown)
    where = EnvironmentReview(text, "changed", (change,), (impact,), (text,))
    found = Finding(text, Severity.ERROR, text, Place(text, 1, 1), "f00d", text, text, text, ref, text)
    return Review(text, text, (where,), (impact,), (found,), (found,), (), {text: "modified"}, (text,))


def skeleton(review: Review) -> Skeleton:
    return skeleton_of(written(review))


def test_without_a_script_everything_is_there_to_read() -> None:
    page = re.sub(r"<script>.*?</script>", "", written(REVIEW), flags=re.DOTALL)
    for words in (
        "<h1>A dangerous change · 1 new error</h1>",
        "Service/web/old",
        "is deleted",
        "CPU 1 → 2",
        "must not be negative",
        "1 changed file",
    ):
        assert words in page
    assert "image: web:<mark>1</mark>" in page
    assert "image: web:<mark>2</mark>" in page


def test_what_is_the_same_in_two_environments_stands_once() -> None:
    assert written(REVIEW).count('<span class="title">Deployment/web/web</span>') == 1


def test_a_change_without_effect_is_calm() -> None:
    page = written(replace(REVIEW, environments=(EnvironmentReview("prod", "unchanged"),), brought=()))
    assert "<h1>Nothing changes in any cluster</h1>" in page
    assert '<header class="top good">' in page


def test_links_stay_in_the_page_and_lead_somewhere() -> None:
    found = skeleton(REVIEW)
    assert len(set(found.anchors)) == len(found.anchors)
    assert found.links and {link.removeprefix("#") for link in found.links} <= set(found.anchors)


def test_a_consequence_of_many_objects_leads_to_each_that_it_names() -> None:
    changes = [modified(f"app-{number}", level=Level.CAREFUL) for number in range(8)]
    found = written(Review("main", "the checkout", (environment("prod", *changes),), (), (), ()))
    (line,) = re.findall(r"<li>Deployment \(.*?</li>", found)
    named = dict(re.findall(r'<a href="#(o-\w+)">(web/app-\d)</a>', line))
    assert list(named.values()) == [f"web/app-{number}" for number in range(6)]
    assert re.sub(r"<.*?>", "", line) == "Deployment (" + ", ".join(named.values()) + " and 2 more): image web: web:1 to web:2 prod"
    for anchor, name in named.items():
        assert re.search(rf'id="{anchor}"[^>]*>.*?<span class="title">Deployment/{name}</span>', found)


def test_a_link_is_the_same_from_one_run_to_the_next() -> None:
    """Whoever was sent one finds the object after the next push too."""
    later = replace(REVIEW, environments=(environment("prod", modified("web", new="web:3"), removed("old")),))
    first = re.search(r'id="(o-\w+)"[^>]*>\s*<summary><b class="removed">', written(REVIEW))
    assert first and first[1] in written(later)


def test_the_policy_lets_run_what_is_ours_alone() -> None:
    page = written(REVIEW)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy and policy[1].startswith("default-src 'none'; ") and "unsafe" not in policy[1]
    for tag, body in re.findall(r"<(style|script)>(.*?)</\1>", page, re.DOTALL):
        assert f"{tag}-src 'sha256-{b64encode(sha256(body.encode()).digest()).decode()}'" in policy[1]


@given(st.sampled_from(HOSTILE) | st.text(st.characters(), min_size=1))
def test_the_page_is_the_same_whatever_it_tells_of(text: str) -> None:
    page = written(hostile(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", page)
    drop = {("mark", ()), ("del", ()), ("ins", ()), ("div", ("class",)), ("span", ("class",)), ("span", ()), ("dt", ()), ("dd", ())}
    found, harmless = ([each for each in skeleton(hostile(words)).elements if each not in drop] for words in (text, "plain"))
    assert found == harmless
    assert all(link.startswith("#") for link in skeleton(hostile(text)).links)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "review.html").write_text(written(REVIEW))
    with opened(tmp_path / "review.html", tmp_path / "home") as found:
        yield found


SHOWN = "[...document.querySelectorAll('.object')].filter(card => card.checkVisibility()).length"


@in_a_browser
def test_it_is_searched_and_walked_by_keyboard(page: Page) -> None:
    assert page.ask(SHOWN) == 3
    page.press("/")
    for key in "web/api":
        page.press(key)
    page.wait(f"{SHOWN} === 1")
    assert page.ask("[...document.querySelectorAll('.file:not([hidden]) > summary small')].map(each => each.textContent).join()") == "1 of 2"
    page.press("Enter")
    assert page.ask("document.activeElement.querySelector('.title').textContent") == "Deployment/web/api"
    page.press("/")
    page.press("Escape")
    page.wait(f"{SHOWN} === 3")
    page.press("j")
    first = page.ask("document.activeElement.closest('.object').id")
    page.press("j")
    assert page.ask("document.activeElement.closest('.object').id") != first
    page.press("k")
    assert page.ask("document.activeElement.closest('.object').id") == first
    assert page.told == []


@in_a_browser
def test_it_filters_by_level_action_and_environment_and_turns_its_view(page: Page) -> None:
    page.ask("document.querySelector('[name=level][value=dangerous]').click()")
    page.wait(f"{SHOWN} === 2")
    page.ask("document.querySelector('[name=level][value=dangerous]').click()")
    choose = "(name, label) => { const box = document.querySelector(`[name=${name}]`); box.value = [...box.options].find(o => o.text === label).value; box.dispatchEvent(new Event('input', {bubbles: true})) }"
    page.ask(f"({choose})('action', 'removed')")
    page.wait(f"{SHOWN} === 1")
    page.ask(f"({choose})('environment', 'dev')")
    page.wait(f"{SHOWN} === 0")
    page.ask("document.querySelector('.reset').click()")
    page.wait(f"{SHOWN} === 3")
    page.press("v")
    assert page.ask("document.querySelector('.view').getAttribute('aria-pressed')") == "true"
    assert page.ask("getComputedStyle(document.querySelector('.diff:not(.single) .row:not(.gap)')).display") == "grid"
    page.press("t")
    assert page.ask("document.documentElement.dataset.theme") in ("light", "dark")


@in_a_browser
def test_a_link_opens_its_object(page: Page) -> None:
    page.ask("for (const each of document.querySelectorAll('details')) each.open = false")
    page.ask("location.hash = document.querySelector('.consequences a').getAttribute('href')")
    page.wait("document.querySelector('.object:target')?.open && document.querySelector('.object:target').closest('.file').open")


@in_a_browser
def test_a_link_opens_its_object_though_the_filter_hides_it(page: Page) -> None:
    page.ask(
        "document.querySelector('[name=text]').value = 'nothing'; document.querySelector('[name=text]').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    page.wait(f"{SHOWN} === 0")
    page.ask("location.hash = document.querySelector('.consequences a').getAttribute('href')")
    page.wait("document.querySelector('.object:target')?.checkVisibility()")


@in_a_browser
def test_two_thousand_objects_are_searched_at_once(tmp_path: Path) -> None:
    changes = tuple(modified(f"app-{number}", level=Level.CAREFUL if number % 7 == 0 else Level.ROUTINE) for number in range(2000))
    (tmp_path / "review.html").write_text(written(replace(REVIEW, environments=(environment("prod", *changes),))))
    with opened(tmp_path / "review.html", tmp_path / "home") as page:
        assert page.ask(SHOWN) == 2000
        page.ask(
            "document.querySelector('[name=text]').value = 'app-1999'; document.querySelector('[name=text]').dispatchEvent(new Event('input', {bubbles: true}))"
        )
        page.wait(f"{SHOWN} === 1")
        assert page.told == []


@in_a_browser
def test_a_link_leads_to_its_object_among_many_that_are_not_laid_out_yet(tmp_path: Path) -> None:
    changes = tuple(modified(f"app-{number:03}", level=Level.DANGEROUS) for number in range(600))
    (tmp_path / "review.html").write_text(written(replace(REVIEW, environments=(environment("prod", *changes),))))
    with opened(tmp_path / "review.html", tmp_path / "home") as page:
        top = "document.querySelector('.object:target').getBoundingClientRect().top"
        for number in (400, 20, 599):
            page.ask(f"location.hash = document.querySelectorAll('.object')[{number}].id")
            page.wait(f"{top} >= 0 && {top} < innerHeight")


@in_a_browser
def test_nothing_runs_in_it_and_a_phone_can_read_it(tmp_path: Path) -> None:
    environments = tuple(each for text in HOSTILE for each in hostile(text).environments)
    (tmp_path / "review.html").write_text(written(replace(hostile(HOSTILE[0]), environments=environments)))
    with opened(tmp_path / "review.html", tmp_path / "home") as page:
        page.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
        assert page.ask("document.querySelector('.filter').checkVisibility()")
        assert page.ask("document.documentElement.scrollWidth") == 390
        assert page.ask("document.querySelectorAll('img, script').length") == 1
        assert page.told == []
