"""The report for a person: the line, the marks, what to do, where; and no secret or control character on the way."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_validate.model.finding import Finding, Incomplete, Pending, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import Place
from gitops_validate.model.report import Report, Summary
from gitops_validate.report import write
from gitops_validate.report.look import Look

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: -1\n"
FINDING = Finding(
    "api-verdict",
    Severity.ERROR,
    "spec.replicas: must not be negative",
    Place("apps/web.yaml", 6, 3, 15),
    "f00d",
    fix="say how many",
    environment="prod",
    reconciler="Kustomization/flux-system/apps",
)


def said(*findings: Finding, files: Mapping[str, str] | None = None, **others: object) -> str:
    out = io.StringIO()
    report = replace(Report(Summary(("prod", "stage"), 2, 10, 9), findings), **others)  # type: ignore[arg-type]
    write("text", report, out, Look(source=(files or {"apps/web.yaml": DEPLOYMENT}).get))
    return out.getvalue()


def test_a_finding_shows_its_line_the_fix_and_where_it_applies() -> None:
    assert said(FINDING) == (
        "apps/web.yaml:6:3: error: spec.replicas: must not be negative [api-verdict]\n"
        "    6 |   replicas: -1\n"
        "      |   ^^^^^^^^^^^^\n"
        "      = fix: say how many\n"
        "      = in: prod (Kustomization/flux-system/apps)\n"
        "\n"
        "1 error in 2 environments · 2 reconcilers, 10 objects, 9 checked\n"
    )


def test_the_same_finding_in_two_environments_is_shown_once() -> None:
    text = said(replace(FINDING, environment="stage"), FINDING)
    assert text.count("must not be negative") == 1
    assert "= in: prod, stage (Kustomization/flux-system/apps)\n" in text
    assert "2 errors in 2 environments" in text


def test_reconcilers_that_differ_stand_beside_their_environments() -> None:
    text = said(replace(FINDING, environment="stage", reconciler="HelmRelease/a/b"), FINDING)
    assert "= in: prod (Kustomization/flux-system/apps), stage (HelmRelease/a/b)\n" in text


def test_findings_of_one_file_stand_together_and_worse_ones_first() -> None:
    other = replace(FINDING, place=Place("apps/a.yaml", 1, 1))
    hint = replace(FINDING, severity=Severity.INFO, message="hint")
    text = said(hint, other, FINDING)
    assert [line.partition(": ")[0] for line in text.splitlines() if "[api-verdict]" in line] == [
        "apps/a.yaml:1:1",
        "apps/web.yaml:6:3",
        "apps/web.yaml:6:3",
    ]
    assert text.index("must not be negative [api") < text.index("hint [api")


def test_gaps_stand_in_their_own_blocks() -> None:
    gaps = (
        Incomplete("no-schema", "example.org/Widget", "nothing defines it", "apps/widget.yaml", "prod"),
        Incomplete("no-schema", "example.org/Widget", "nothing defines it", "apps/widget.yaml", "stage"),
        Incomplete("chart", "redis", "offline", accepted="a mirror is coming"),
    )
    assert said(incomplete=gaps, pending=(Pending("db", "prod", "db.sops.yaml"),)) == (
        "not checked:\n"
        "  example.org/Widget: nothing defines it [no-schema]\n"
        "      = in: prod, stage (apps/widget.yaml)\n"
        "\n"
        "not checked, and accepted:\n"
        "  redis: a mirror is coming [chart]\n"
        "\n"
        "pending secrets:\n"
        "  db in prod\n"
        "\n"
        "no findings in 2 environments · 2 reconcilers, 10 objects, 9 checked · 2 not checked, 1 gap accepted, 1 secret pending\n"
    )


def test_pending_secrets_stand_once_and_no_more_than_a_person_reads() -> None:
    many = tuple(Pending(f"web/{number:03}", environment, "x.sops.yaml", "from here") for number in range(60) for environment in ("prod", "stage"))
    listed = said(pending=many).split("pending secrets:\n")[1].split("\n\n")[0].splitlines()
    assert listed[0] == "  web/000 in prod, stage: from here"
    assert (len(listed), listed[-1]) == (51, "  and 10 more")


def test_an_indirect_place_names_the_object() -> None:
    ref = ObjectRef("apps/v1", "Deployment", "web", "web")
    assert "= object: Deployment/web/web\n" in said(replace(FINDING, object=ref, place=Place("values.yaml", 3, 1, precision="values")))
    assert "= object" not in said(replace(FINDING, object=ref))


def test_marks_stand_below_wide_and_invisible_characters() -> None:
    text = said(replace(FINDING, place=Place("a.yaml", 1, 7, 9)), files={"a.yaml": "\u4e2d\x1b: 'xx'"})
    assert "    1 | 中\\x1b: 'xx'\n      |           ^^\n" in text.replace("中", "中")


def test_a_long_line_is_cut_around_its_marks() -> None:
    text = said(replace(FINDING, place=Place("a.yaml", 1, 5001, 5005)), files={"a.yaml": "x " * 2500 + "here" + " y" * 2500})
    shown, marks = text.splitlines()[1:3]
    assert len(shown) < 140
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "here"


@pytest.mark.parametrize("line", [0, 99])
def test_a_line_that_is_not_there_is_not_shown(line: int) -> None:
    assert " | " not in said(replace(FINDING, place=Place("apps/web.yaml", line, 3)))


@given(st.text(st.characters(), min_size=1))
def test_nothing_from_a_repository_reaches_the_terminal_unseen(text: str) -> None:
    ref = ObjectRef(text, text, text, text)
    finding = Finding(text, Severity.ERROR, text, Place(text, 1, 1), "", text, text, text, ref, text)
    gap = Incomplete(text, text, text, text, text)
    written = said(finding, files={text: text}, incomplete=(gap, replace(gap, accepted=text)), pending=(Pending(text, text, text, text),))
    assert all(character.isprintable() or character == "\n" for character in written)
    assert written.encode()
