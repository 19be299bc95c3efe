"""`secrets seal`: a new MAC for what a person edited in plain text and has seen, and for nothing else."""

import re
import subprocess

import pytest
from platform_repository import DB, STORE, Ran, Repository, at_a_terminal

PATH = DB.format("dev")


@pytest.fixture
def committed(secured: Repository) -> Repository:
    """A repository with all its secrets in git."""
    git(secured, "init", "--quiet")
    commit(secured)
    return secured


def git(repository: Repository, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgSign=false")
    subprocess.run(["git", *who, *arguments], cwd=repository.root, check=True, capture_output=True)


def commit(repository: Repository) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a change")


def edit(repository: Repository, pattern: str, text: str, path: str = PATH) -> None:
    """Change a file by hand."""
    file = repository.root / path
    changed = re.sub(pattern, text, file.read_text(), count=1)
    assert changed != file.read_text()
    file.write_text(changed)


def seal(repository: Repository, *arguments: str) -> Ran:
    return repository.run("seal", "--env", "dev", *arguments)


def refused(repository: Repository, words: str, *arguments: str) -> None:
    before = repository.files()
    done = seal(repository, "--yes", *arguments)
    assert done.code == 1 and words in done.err and done.err.count("\n") == 1, done.err
    assert repository.files() == before


def test_an_edited_file_opens_again_with_the_values_that_it_had(committed: Repository) -> None:
    values, before = committed.values(PATH), committed.files()
    edit(committed, "namespace: mlflow", 'namespace: ml\n  annotations:\n    why: "\u202eyes"')
    edit(committed, r'\n    cnpg.io/reload: "true"', "\n    app: db")
    edit(committed, r"apiVersion: v1\n", "")
    with pytest.raises(Exception, match="secrets seal"):
        committed.values(PATH)
    done = seal(committed, "--yes")
    assert done.code == 0
    said = done.err.splitlines()
    assert said[0] == f"{PATH}, edited since HEAD:"
    assert [re.sub(r"line \d+", "line N", line) for line in said[1:]] == [
        '  line N: metadata.namespace was "mlflow", is "ml"',
        '  line N: metadata.annotations.why is new: "\\u202eyes"',
        '  line N: metadata.labels.app is new: "db"',
        '  apiVersion is gone: it was "v1"',
        '  metadata.labels[cnpg.io/reload] is gone: it was "true"',
        f"wrote {PATH}",
    ]
    assert committed.values(PATH) == values
    old, new = (re.findall(rb"(?:password|uri|username): ENC\[.*", each[PATH]) for each in (before, committed.files()))
    assert old == new and len(old) == 3
    assert [path for path, body in committed.files().items() if body != before[path]] == [PATH]


def test_nothing_is_sealed_that_needs_no_seal(committed: Repository) -> None:
    before = committed.files()
    done = seal(committed)
    assert done.code == 0 and "every MAC fits" in done.err and committed.files() == before


def test_a_dry_run_shows_it_and_writes_nothing(committed: Repository) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    before = committed.files()
    done = seal(committed, "--dry-run")
    assert done.code == 0 and 'was "mlflow", is "ml"' in done.err and f"changed encrypted file: {PATH}" in done.out
    assert committed.files() == before


def test_nobody_there_to_ask_changes_nothing(committed: Repository) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    before = committed.files()
    done = seal(committed)
    assert done.code == 1 and 'was "mlflow", is "ml"' in done.err and "say --yes" in done.err
    assert committed.files() == before


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("\x03", 130)])
def test_a_person_is_asked(committed: Repository, answer: str, code: int) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    before = committed.files()
    typed = [("meant? [y/N]: ", f"{answer}\n" if answer.isalpha() else answer)]
    ended, seen = at_a_terminal(committed, typed, "seal", "--env", "dev")
    assert ended == code and 'metadata.namespace was "mlflow", is "ml"' in seen.partition("meant?")[0] and "Traceback" not in seen
    assert (committed.files() == before) == (code != 0)
    assert "nothing was changed" in seen or code != 1


def test_only_what_is_named_is_sealed(committed: Repository) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    edit(committed, "namespace: store", "namespace: shop", STORE.format("dev"))
    assert seal(committed, "--yes", "store-admin").code == 0
    assert committed.values(STORE.format("dev"))["user"] == "admin"
    with pytest.raises(Exception, match="secrets seal"):
        committed.values(PATH)
    assert seal(committed, "--yes", PATH).code == 0
    assert committed.values(PATH)["username"] == "mlflow"
    done = seal(committed, "mlflow-bd")
    assert done.code == 2 and "there is no encrypted file mlflow-bd in these environments; did you mean mlflow-db?" in done.err


def test_an_edit_that_was_committed_is_shown_with_those_after_it(committed: Repository) -> None:
    edit(committed, "namespace: mlflow", "namespace: attacker")
    commit(committed)
    edit(committed, "name: mlflow-db", "name: other")
    done = seal(committed, "--yes")
    assert done.code == 0 and re.search(r"edited since [0-9a-f]{12}:", done.err)
    assert 'metadata.namespace was "mlflow", is "attacker"' in done.err and 'metadata.name was "mlflow-db", is "other"' in done.err


def test_values_are_not_brought_back_from_an_older_version(committed: Repository) -> None:
    old = (committed.root / PATH).read_text()
    assert committed.run("rotate", "mlflow-db", "--env", "dev").code == 0
    commit(committed)
    (committed.root / PATH).write_text(old.replace("namespace: mlflow", "namespace: ml"))
    refused(committed, "this encrypted value was edited, added or moved by hand")


PASSWORD = r"( +)password: (ENC\S+)\n"


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (PASSWORD, r"\1password: hunter2\n", "this value is not encrypted as SOPS does it; restore the file from git"),
        (PASSWORD, "", "this encrypted value was edited, added or moved by hand, or one before it was removed, compared with HEAD; restore"),
        (PASSWORD, r"\1pass: \2\n", "this value does not belong here"),
        (PASSWORD, r'\1password: \2\n\1more: ""\n', "this encrypted value was edited, added or moved by hand"),
        (r"( +password: ENC\S+\n)( +uri: ENC\S+\n)", r"\2\1", "this encrypted value was edited, added or moved by hand"),
        (r'lastmodified: "2', 'lastmodified: "3', "the MAC cannot be decrypted"),
        (r"  encrypted_regex: .*", "  encrypted_regex: ^(stringData)$", "what SOPS notes of the file was edited by hand"),
    ],
)
def test_whatever_else_was_edited_is_refused(committed: Repository, pattern: str, text: str, words: str) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    edit(committed, pattern, text)
    refused(committed, words)


def test_without_a_version_to_compare_with_nothing_is_sealed(secured: Repository) -> None:
    edit(secured, "namespace: mlflow", "namespace: ml")
    refused(secured, "git has no version of it whose MAC fits, so that nobody can tell what was edited")


def test_the_private_key_is_needed(committed: Repository) -> None:
    edit(committed, "namespace: mlflow", "namespace: ml")
    committed.key().unlink()
    refused(committed, "the private key of dev is not here")
