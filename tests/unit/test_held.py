"""The forms in which a value of a Secret may turn up elsewhere."""

from __future__ import annotations

import pytest

from gitops_validate.review.held import forms

WORD = "correct-horse-battery"


@pytest.mark.parametrize(
    "text",
    [
        f"user: me\npassword: {WORD}\n",
        f"user = me\n  'password' = '{WORD}',\n",
        f'- token: "{WORD}"\nuser: me',
        f'{{\n  "a": "b",\n  "password": "{WORD}",\n}}',
        f"password:\n\n  '{WORD}'\n",
        f"https://me:{WORD}@example.org\n",
    ],
)
def test_what_a_configuration_file_sets_is_a_value_of_its_own(text: str) -> None:
    assert WORD in set(forms(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["\n" * 200_000 + "!", "a: x" + " " * 200_000 + "y\nb", "a: " * 100_000 + "\nb"])
def test_a_value_takes_no_longer_than_it_is_long(text: str) -> None:
    assert text in set(forms(text))
