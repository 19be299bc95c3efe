"""What a published schema finds, in a sentence a fault; of a catalogue of secrets nothing is quoted that may be one."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_validate.faults import CONFIG, MANY, SECRETS, faults

ENTRY = {"name": "a", "namespace": "a", "component": "a", "stage": "a", "purpose": "a"}


def said(data: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.message) for fault in faults(data, SECRETS)]


def of_key(how: Any) -> list[tuple[str, str]]:
    return said({"secrets": [{**ENTRY, "keys": {"k": how}}]})


def test_what_is_sound_has_none() -> None:
    assert of_key({"generate": "password", "length": 20}) == []


@pytest.mark.parametrize(
    ("how", "pointer", "words"),
    [
        ("hunter2", "", "must be a map with one of fixed, generate, derive, given and copy; it is a text"),
        ({"hunter": 1}, "", "must have one of fixed, generate, derive, given, copy, and only one"),
        ({"fixed": "a", "given": "b"}, "", "must have one of fixed, generate, derive, given, copy, and only one"),
        ({"fixed": 77777}, "/fixed", "must be a text on one line of up to 1000 characters; it is a number"),
        ({"generate": "pasword"}, "/generate", "did you mean 'password'?"),
        ({"generate": "password", "length": 3}, "/length", "must be a number from 12 to 4096; it is 3"),
        ({"given": "here", "lenght": 3}, "/lenght", "may have no key 'lenght'; there may be given and nothing else"),
        ({"generate": "tls", "part": "certificate"}, "", "lacks 'common_name' or 'dns', or both"),
        ({"generate": "htpasswd", "user": "a"}, "", "lacks 'from', a key of the same secret"),
    ],
)
def test_a_way_to_make_a_value_is_spoken_of_and_no_value(how: Any, pointer: str, words: str) -> None:
    where, message = of_key(how)[0]
    assert where == f"/secrets/0/keys/k{pointer}"
    assert words in message
    assert "hunter2" not in message and "77777" not in message


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (7, ("", "the catalogue must be a map with a list of secrets; it is a number")),
        ({}, ("", "the catalogue lacks 'secrets', a list of secrets")),
        (
            {"secrets": [{**ENTRY, "keys": {}}]},
            ("/secrets/0/keys", "secrets[0].keys must be a map from the secret's keys to where their values come from; it is empty"),
        ),
        ({"secrets": [{**ENTRY, "keys": {"a b": {"fixed": ""}}}]}, ("/secrets/0/keys/a b", "the key 'a b' must be a key of a Secret: letters")),
    ],
)
def test_the_outermost_fault_comes_first(data: Any, fault: tuple[str, str]) -> None:
    pointer, message = said(data)[0]
    assert pointer == fault[0]
    assert message.startswith(fault[1])


def test_no_more_is_told_than_a_person_reads() -> None:
    assert len(said({"secrets": [{"name": 1}] * 5000})) == MANY


def test_a_configuration_is_quoted() -> None:
    version, waiver = faults({"version": 2, "waivers": [{"rule": "a", "reason": "b"}]}, CONFIG)
    assert (version.pointer, version.message) == ("/version", "version must be 1, the version of this format; it is 2")
    assert (waiver.pointer, waiver.message) == ("/waivers/0", "waivers[0] lacks 'object' or 'path', or both")
