"""What a published schema finds, in a sentence a fault; of a catalogue of secrets nothing is quoted that may be one."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_validate.faults import CONFIG, MANY, SECRETS, faults

ENTRY = {"name": "a", "namespace": "a", "component": "a", "stage": "a"}


def said(data: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.message) for fault in faults(data, SECRETS)]


def of_key(how: Any) -> list[tuple[str, str]]:
    return said({"secrets": [{**ENTRY, "keys": {"k": how}}]})


def test_what_is_sound_has_none() -> None:
    assert of_key({"generate": "password", "length": 20}) == []


@pytest.mark.parametrize(
    ("how", "pointer", "words"),
    [
        ("hunter2", "/secrets/0/keys/k", "must be one of fixed, generate, derive, copy and given; it is a text"),
        ({"hunter2": 1}, "/secrets/0/keys/k", "must be one of fixed, generate, derive, copy and given; it is a map"),
        ({"fixed": 77777}, "/secrets/0/keys/k/fixed", "must be a text; it is a number"),
        ({"generate": "pasword"}, "/secrets/0/keys/k/generate", "did you mean 'password'?"),
        ({"generate": "password", "length": 3}, "/secrets/0/keys/k/length", "must be a number from 16 to 1024; it is 3"),
        ({"given": "here", "lenght": 3}, "/secrets/0/keys/k/lenght", "unknown key 'lenght'; there are given"),
    ],
)
def test_of_a_choice_the_branch_that_was_meant_is_spoken_of(how: Any, pointer: str, words: str) -> None:
    ((where, message),) = of_key(how)
    assert where == pointer
    assert words in message
    assert "hunter2" not in message and "77777" not in message


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (7, ("", "the catalogue must be a catalogue of secrets; it is a number")),
        ({}, ("", "the catalogue lacks 'secrets', a list of secrets")),
        (
            {"secrets": [{**ENTRY, "keys": {}}]},
            ("/secrets/0/keys", "secrets[0].keys must be a map from keys to how each gets its value; it is empty"),
        ),
        ({"secrets": [{**ENTRY, "keys": {"a b": {"fixed": ""}}}]}, ("/secrets/0/keys/a b", "the key 'a b' must be a key of letters")),
    ],
)
def test_the_outermost_fault_comes_first(data: Any, fault: tuple[str, str]) -> None:
    pointer, message = said(data)[0]
    assert pointer == fault[0]
    assert message.startswith(fault[1])


def test_no_more_is_told_than_a_person_reads() -> None:
    found = said({"secrets": [{"name": 1}] * 5000})
    assert len(found) == MANY
    assert found[0] == ("/secrets", "secrets must have at most 2000 entries; it has 5000")


def test_a_configuration_is_quoted() -> None:
    (fault,) = faults({"version": 2}, CONFIG)
    assert (fault.pointer, fault.message) == ("/version", "version must be 1, the version of this format; it is 2")
