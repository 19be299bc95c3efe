"""One note on a merge request, kept up to date: found by its marker and by who wrote it, since anybody can write the marker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from msgspec import Struct

from gitops_validate.gitlab.api import Api, GitLabError
from gitops_validate.model.change import Level

MARKER = "<!-- gitops-validate:review -->"
PAGE, PAGES = 100, 60
"""Notes of a request, and requests at most: GitLab takes 5,000 notes on a merge request."""
LARGEST = 1_000_000
"""Characters of a note."""
Outcome = Literal["created", "updated", "unchanged"]


class Target(Struct, frozen=True):
    """A merge request: the project's number or path as GitLab's variables give it, and the request's own number in it."""

    project: str
    request: str

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/projects/{self.project}/merge_requests/{self.request}"


def publish(api: Api, target: Target, text: str) -> Outcome:
    """Write the note, or bring it up to date. Raises GitLabError.

    Two pipelines may each have found none: the first note stays, with what was said last, and others of ours go.
    """
    body = f"{MARKER}\n\n{text}"
    if len(body) > LARGEST:
        raise GitLabError(f"the note would have {len(body):,} characters, and GitLab takes {LARGEST:,}")
    if notes := list(_own(api, target)):
        return _renewed(api, target, body, notes)
    api.ask("POST", f"{target.path}/notes", {"body": body})
    with suppress(GitLabError):  # the note is there; what could not be looked at now is at the next run
        if len(notes := list(_own(api, target))) > 1:
            _renewed(api, target, body, notes)
    return "created"


def _renewed(api: Api, target: Target, body: str, notes: Sequence[Mapping[str, Any]]) -> Outcome:
    """Let the first of our notes say what is to be said, and no other one be there."""
    first, *others = notes
    same = str(first.get("body", "")).strip() == body.strip()
    if not same:
        api.ask("PUT", f"{target.path}/notes/{int(first['id'])}", {"body": body})
    for other in others:
        api.ask("DELETE", f"{target.path}/notes/{int(other['id'])}")
    return "unchanged" if same else "updated"


def label(api: Api, target: Target, prefix: str, level: Level) -> None:
    """Give the merge request the label of its level, and take those of the other levels away. Raises GitLabError."""
    others = ",".join(f"{prefix}{each.label}" for each in Level if each is not level)
    api.ask("PUT", target.path, {"add_labels": f"{prefix}{level.label}", "remove_labels": others})


def _own(api: Api, target: Target) -> Iterator[Mapping[str, Any]]:
    """The notes that bear the marker and were written by whoever the token belongs to."""
    me = api.ask("GET", "/user")
    known = me.get("id") if isinstance(me, dict) else None
    if not isinstance(known, int):
        raise GitLabError("GET /user: GitLab does not say whose token this is")
    for note in _notes(api, target):
        author = note.get("author")
        own = isinstance(author, dict) and author.get("id") == known and not note.get("system")
        if own and isinstance(note.get("id"), int) and str(note.get("body", "")).startswith(MARKER):
            yield note


def _notes(api: Api, target: Target) -> Iterator[Mapping[str, Any]]:
    for page in range(1, PAGES + 1):
        listed = api.ask("GET", f"{target.path}/notes?per_page={PAGE}&page={page}&order_by=created_at&sort=asc")
        if not isinstance(listed, list):
            raise GitLabError(f"GET {target.path}/notes: the answer is no list of notes")
        yield from (note for note in listed if isinstance(note, dict))
        if len(listed) < PAGE:
            return
