"""`gitlab note`: one note, kept up to date, whoever writes what on the merge request, and whatever GitLab answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from gitops_validate.cli import gitlab as command
from gitops_validate.cli.entry import run
from gitops_validate.gitlab import api
from gitops_validate.gitlab.note import MARKER
from gitops_validate.gitlab.received import read
from gitops_validate.model.change import Review
from gitops_validate.report.review.json import as_values

from ..reports.sample import HOSTILE  # noqa: TID252 - tests have no package of their own
from ..review.test_html import REVIEW, environment, hostile, modified  # noqa: TID252
from .server import ME, SOMEBODY, Failing, GitLab, served

TOKEN = "glpat-not-a-real-token"
NOTES = "/api/v4/projects/1/merge_requests/2/notes"


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    monkeypatch.setattr(api.time, "sleep", lambda _seconds: None)
    for name in ("CI_MERGE_REQUEST_PROJECT_ID", "CI_SERVER_TLS_CA_FILE", "CI_PIPELINE_URL"):
        monkeypatch.delenv(name, raising=False)
    with served() as found:
        for name, value in {"CI_API_V4_URL": found.url, "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "2", command.TOKEN: TOKEN}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(api.Api, "__init__", _impatient(api.Api.__init__))
        yield found


def _impatient(made: Any) -> Any:
    def init(self: api.Api, url: str, token: str, ca: str = "", seconds: float = 2.0) -> None:
        made(self, url, token, ca, seconds, lambda _seconds: None)

    return init


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path / "review.json", REVIEW)


def saved(path: Path, review: Review) -> Path:
    path.write_text(json.dumps(as_values(review)))
    return path


def test_a_note_is_written_and_then_brought_up_to_date(gitlab: GitLab, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gitlab.note("looks good to me")
    assert run(["gitlab", "note", str(file)]) == 0
    assert run(["gitlab", "note", str(file)]) == 0
    saved(file, replace(REVIEW, environments=(environment("prod", modified("web")),)))
    assert run(["gitlab", "note", str(file)]) == 0
    assert capsys.readouterr().out == "note created\nnote unchanged\nnote updated\n"
    assert [note["author"]["id"] for note in gitlab.notes] == [SOMEBODY, ME]
    assert gitlab.notes[1]["body"].startswith(MARKER)
    assert "a routine change" in gitlab.notes[1]["body"]
    assert gitlab.tokens == {TOKEN}


def test_the_note_is_found_behind_many_others(gitlab: GitLab, file: Path) -> None:
    for number in range(250):
        gitlab.note(f"comment {number}")
    gitlab.note(f"{MARKER}\n\nan older review", ME)
    assert run(["gitlab", "note", str(file)]) == 0
    assert len(gitlab.notes) == 251
    assert "a dangerous change" in gitlab.notes[250]["body"]


def test_a_note_of_somebody_else_with_the_marker_is_left_alone(gitlab: GitLab, file: Path) -> None:
    gitlab.note(f"{MARKER}\n\nnothing to see here")
    gitlab.note(f"mentions {MARKER} in passing", ME)
    gitlab.note(f"{MARKER} as the system says", ME, system=True)
    assert run(["gitlab", "note", str(file)]) == 0
    assert gitlab.notes[0]["body"].endswith("nothing to see here")
    assert len(gitlab.notes) == 4


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "the token is not valid"),
        (403, "the token may not do this"),
        (404, "no such merge request"),
        (409, "somebody else is changing it"),
        (422, "refuses"),
        (429, "too many requests"),
        (500, "trouble"),
        (503, "trouble"),
    ],
)
def test_what_gitlab_refuses_is_said_and_changes_nothing(
    gitlab: GitLab, file: Path, capsys: pytest.CaptureFixture[str], status: int, words: str
) -> None:
    gitlab.answers = [(status, {"Retry-After": "3600"}, f"no {TOKEN}")] * 3
    assert run(["gitlab", "note", str(file)]) == 0
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert TOKEN not in said
    gitlab.answers = [(status, {}, "")] * 3
    assert run(["gitlab", "note", "--strict", str(file)]) == 3


def test_what_passes_is_tried_again(gitlab: GitLab, file: Path) -> None:
    gitlab.answers = [(429, {"Retry-After": "1"}, ""), (502, {}, "")]
    assert run(["gitlab", "note", str(file)]) == 0
    assert len(gitlab.notes) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_note_that_may_have_arrived_is_not_written_twice(gitlab: GitLab, file: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """A proxy that has waited long enough for GitLab says so whatever has become of the note."""
    answer = gitlab.answer

    def given_up(method: str, target: str, body: Any) -> Any:
        found = answer(method, target, body)
        if method == "POST":
            raise Failing(status)
        return found

    monkeypatch.setattr(gitlab, "answer", given_up)
    assert run(["gitlab", "note", str(file)]) == 0
    gitlab.answers = []
    assert run(["gitlab", "note", str(file)]) == 0
    assert len(gitlab.notes) == 1


def test_pipelines_side_by_side_leave_one_note(
    gitlab: GitLab, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has looked for a note before the other one wrote its own."""
    answer = gitlab.answer

    def beside(method: str, target: str, body: Any) -> Any:
        if method == "POST":
            gitlab.note(f"{MARKER}\n\nof the other pipeline", ME)
            gitlab.note("looks good to me")
        return answer(method, target, body)

    monkeypatch.setattr(gitlab, "answer", beside)
    assert run(["gitlab", "note", str(file)]) == 0
    assert capsys.readouterr().out == "note created\n"
    assert [(note["id"], note["author"]["id"]) for note in gitlab.notes] == [(1, ME), (2, SOMEBODY)]
    assert "a dangerous change" in gitlab.notes[0]["body"]


def test_a_second_note_of_ours_goes_with_the_next_run(gitlab: GitLab, file: Path) -> None:
    for number in range(3):
        gitlab.note(f"{MARKER}\n\nreview {number}", ME)
    assert run(["gitlab", "note", str(file)]) == 0
    assert [note["id"] for note in gitlab.notes] == [1]
    assert "a dangerous change" in gitlab.notes[0]["body"]


def test_a_label_that_is_refused_is_not_said_of_the_note(
    gitlab: GitLab, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = gitlab.answer

    def refusing(method: str, target: str, body: Any) -> Any:
        if method == "PUT":
            raise Failing(403)
        return answer(method, target, body)

    monkeypatch.setattr(gitlab, "answer", refusing)
    assert run(["gitlab", "note", "--label-prefix", "gitops::", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out == "note created\n"
    assert said.err.startswith("no label: PUT")


@pytest.mark.parametrize(
    ("token", "words"), [(f"{TOKEN}\r\n", "note created"), (f"{TOKEN}\nX: y", "no token of GitLab has"), (f"{TOKEN}é", "no token")]
)
def test_a_token_with_an_odd_character_is_in_no_message(
    gitlab: GitLab, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], token: str, words: str
) -> None:
    """A line break is easily copied along."""
    monkeypatch.setenv(command.TOKEN, token)
    assert run(["gitlab", "note", str(file)]) == 0
    said = "".join(capsys.readouterr())
    assert words in said
    assert TOKEN not in said
    assert gitlab.tokens <= {TOKEN}


def test_a_page_to_sign_in_is_not_taken_for_the_api(gitlab: GitLab, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gitlab.answers = [(200, {"Content-Type": "text/html"}, "<html>Sign in</html>")]
    assert run(["gitlab", "note", str(file)]) == 0
    assert "is not GitLab's API" in capsys.readouterr().err


def test_the_token_follows_no_redirect(gitlab: GitLab, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served() as other:
        gitlab.answers = [(302, {"Location": f"{other.url}/user"}, "")]
        assert run(["gitlab", "note", str(file)]) == 0
        assert other.asked == []
    assert "sends on to another address" in capsys.readouterr().err


def test_nobody_there_is_said(file: Path, gitlab: GitLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CI_API_V4_URL", "http://127.0.0.1:9/api/v4")
    assert run(["gitlab", "note", str(file)]) == 0
    assert "cannot be reached" in capsys.readouterr().err
    assert gitlab.asked == []


def test_the_token_goes_nowhere_unencrypted(file: Path, gitlab: GitLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CI_API_V4_URL", "http://gitlab.example/api/v4")
    assert run(["gitlab", "note", str(file)]) == 0
    assert "the token is not sent" in capsys.readouterr().err
    assert gitlab.asked == []


def test_without_a_token_as_in_a_fork_nothing_is_asked(
    gitlab: GitLab, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(command.TOKEN)
    assert run(["gitlab", "note", str(file)]) == 0
    assert "as in a pipeline of a fork" in capsys.readouterr().err
    assert gitlab.asked == []


def test_the_level_is_a_label_and_the_others_go(gitlab: GitLab, file: Path) -> None:
    gitlab.labels = {"gitops::routine", "team::ml"}
    assert run(["gitlab", "note", "--label-prefix", "gitops::", str(file)]) == 0
    assert gitlab.labels == {"gitops::dangerous", "team::ml"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing", "is not JSON"),
        ("[]", "is no review"),
        ('{"version": 2}', "is no review"),
        ("{}", "is no review"),
    ],
)
def test_what_is_no_review_is_one_sentence(gitlab: GitLab, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    (tmp_path / "review.json").write_text(text)
    assert run(["gitlab", "note", str(tmp_path / "review.json")]) == 2
    assert words in capsys.readouterr().err
    assert gitlab.asked == []


def test_the_level_of_a_forged_review_is_worked_out_again(tmp_path: Path) -> None:
    """Who opened the merge request may have written the file: at least it cannot contradict itself."""
    values = as_values(REVIEW)
    values["level"] = values["environments"][0]["level"] = "nothing"
    (tmp_path / "review.json").write_text(json.dumps(values))
    assert read(tmp_path / "review.json").level.label == "dangerous"


def test_a_review_is_what_its_schema_says() -> None:
    schema = json.loads(files("gitops_schemas").joinpath("review.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    for review in (REVIEW, hostile("text")):
        assert list(Draft202012Validator(schema).iter_errors(as_values(review))) == []


class Inert(HTMLParser):
    """What stands outside of code: nothing there may come from the repository."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.outside = 0, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"p", "table", "tr", "th", "td", "details", "summary", "b", "code", "pre", "br"}
        assert all(name == "open" for name, _ in attrs)
        self.inside += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.outside += "" if self.inside else data


@given(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_nothing_in_the_note_comes_alive(text: str) -> None:
    note = command._markdown(hostile(text))
    harmless, found = Inert(), Inert()
    found.feed(note)
    harmless.feed(command._markdown(hostile("plain")))
    assert found.outside == harmless.outside
    assert not any(line.lstrip().startswith("/") for line in note.splitlines())
    blocks = re.findall(r"<(details|table)[^>]*>.*?</\1>", note, re.DOTALL)
    assert blocks and "\n\n" not in "".join(re.findall(r"<details.*?</details>", note, re.DOTALL))
