"""The review as a note: what matters first, each thing once, and no longer than a person reads."""

from __future__ import annotations

import io
import re

import pytest
from msgspec.structs import replace

from gitops_validate.model.change import Level, Review
from gitops_validate.report.look import Look
from gitops_validate.report.review import write

from .test_html import REVIEW, environment, modified

EVERYWHERE = tuple(replace(REVIEW.brought[0], environment=name, fingerprint=name) for name in ("dev", "prod"))


def written(review: Review, form: str = "markdown") -> str:
    out = io.StringIO()
    write(form, review, out, Look())
    return out.getvalue()


def test_errors_that_a_change_brings_are_in_the_headline() -> None:
    calm = replace(REVIEW, environments=(environment("prod", modified("web")),))
    assert written(calm).startswith("## 🟢 gitops-validate: a routine change · 1 new error\n")
    assert written(replace(calm, brought=())).startswith("## 🟢 gitops-validate: a routine change\n")


def test_what_is_not_known_is_in_the_headline() -> None:
    unsure = replace(environment("prod", modified("web")), unknown=("HelmRelease/a/b: the chart is out of reach", "HelmRelease/a/c: so is this one"))
    assert written(replace(REVIEW, environments=(unsure,), brought=())).startswith("## 🟢 gitops-validate: a routine change · 2 not rendered\n")


@pytest.mark.parametrize("form", ["markdown", "text", "html"])
def test_what_several_environments_could_not_render_stands_once(form: str) -> None:
    unsure = tuple(replace(environment(name), unknown=("HelmRelease/a/b: the chart is out of reach",)) for name in ("dev", "prod"))
    page = written(replace(REVIEW, environments=unsure), form)
    assert page.count("the chart is out of reach") == 1
    assert "dev, prod" in page.replace("<code>", "").replace("</code>", "")


def test_what_could_not_be_rendered_besides_is_counted() -> None:
    unsure = replace(environment("prod"), unknown=tuple(f"HelmRelease/a/{number}: out of reach" for number in range(130)))
    assert "and 30 more" in written(replace(REVIEW, environments=(unsure,)))


def test_what_is_not_rendered_asks_for_more_than_is_known() -> None:
    sure = environment("prod", modified("web"))
    assert "<td>1 → 2</td>" in written(replace(REVIEW, environments=(sure,)))
    assert "<td>≥ 1 → 2</td>" in written(replace(REVIEW, environments=(replace(sure, unknown=("HelmRelease/a/b: out of reach",)),)))


@pytest.mark.parametrize("form", ["markdown", "text", "html"])
def test_a_finding_that_several_environments_have_stands_once(form: str) -> None:
    page = written(replace(REVIEW, brought=EVERYWHERE), form)
    assert page.count("must not be negative") == 1
    assert "dev, prod" in page.replace("<code>", "").replace("</code>", "")


def test_many_objects_are_folded_away_together() -> None:
    few, many = (written(replace(REVIEW, environments=(environment("prod", *(modified(f"web-{n}") for n in range(size))),))) for size in (20, 40))
    assert "<b>objects</b>" not in few
    (block,) = (part for part in many.split("\n\n") if "<b>objects</b>: 40" in part)
    assert block.count("<details>") == block.count("</details>") == 41


def test_a_consequence_names_its_object_once() -> None:
    page = written(replace(REVIEW, environments=(environment("prod", modified("web", level=Level.CAREFUL)),)))
    assert "<td><code>Deployment/web/web</code><br><code>image web: web:1 to web:2</code></td>" in page


def test_the_worst_is_open_and_what_is_routine_never() -> None:
    def opened(*levels: Level) -> list[str]:
        changes = (modified(f"web-{level}", level=level) for level in levels)
        page = written(replace(REVIEW, environments=(environment("prod", *changes),), brought=()))
        return re.findall(r"<details open><summary>. <b>(\w+)</b>", page)

    assert opened(Level.ROUTINE) == []
    assert opened(Level.ROUTINE, Level.CAREFUL) == ["careful"]
    assert opened(Level.CAREFUL, Level.DANGEROUS) == ["dangerous"]
    assert "<details open><summary><b>❌ findings that this brings</b>: 1" in written(REVIEW)
