"""Packs give back what was put, or nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode

from gitops_validate.keeping import packs
from gitops_validate.keeping.packs import MANY, Packs
from gitops_validate.keeping.whole import checksum

Break = Callable[[Path], object]


def kept(folder: Path, **entries: bytes) -> Path:
    """The pack that a run leaves that adds these entries."""
    before = set(folder.glob("*.pack"))
    run = Packs(folder)
    for key, body in entries.items():
        run.put(key, body)
    run.write()
    (path,) = set(folder.glob("*.pack")) - before
    return path


def test_entries_are_one_file_once_they_are_written(tmp_path: Path) -> None:
    run = Packs(tmp_path)
    run.put("a", b"one")
    run.put("b", b"")
    assert run.get("a") == b"one" and list(tmp_path.iterdir()) == []
    run.write()
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    again = Packs(tmp_path)
    assert (again.get("a"), again.get("b"), again.get("c"), len(again)) == (b"one", b"", None, 2)


def test_the_entry_of_the_last_run_counts(tmp_path: Path) -> None:
    for number in range(3):
        path = kept(tmp_path, a=b"%d" % number)
        os.utime(path, ns=(number, number))
    assert Packs(tmp_path).get("a") == b"2"


def test_many_packs_are_put_together(tmp_path: Path) -> None:
    for number in range(MANY):
        os.utime(kept(tmp_path, shared=b"%d" % number, **{f"own-{number}": b"x"}), ns=(number, number))
    assert len(list(tmp_path.iterdir())) == MANY
    run = Packs(tmp_path)
    run.put("more", b"y")
    run.write()
    assert len(list(tmp_path.iterdir())) == 1
    assert run.get("shared") == b"%d" % (MANY - 1) and len(run) == MANY + 2


def test_what_there_is_no_room_for_goes_with_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "ROOM", 1600)
    for number in range(MANY):
        os.utime(kept(tmp_path, **{str(number): b"x" * 500}), ns=(number, number))
    run = Packs(tmp_path)
    assert run.get("2")
    run.put("more", b"y")
    run.write()
    assert [key for key in map(str, range(MANY)) if run.get(key)] == ["2", "13", "14", "15"]


def test_an_entry_that_has_changed_is_none_in_the_next_pack_either(tmp_path: Path) -> None:
    path = kept(tmp_path, a=b"one", b=b"two")
    path.write_bytes(path.read_bytes().replace(b"one", b"won"))
    for number in range(MANY - 1):
        kept(tmp_path, **{str(number): b"x"})
    run = Packs(tmp_path)
    run.put("more", b"y")
    run.write()
    assert len(list(tmp_path.iterdir())) == 1
    assert (run.get("a"), run.get("b"), run.get("7"), run.get("more")) == (None, b"two", b"x", b"y")


def test_what_waits_is_written_before_it_takes_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "WAITING", 10)
    run = Packs(tmp_path)
    run.put("a", b"x" * 11)
    assert Packs(tmp_path).get("a") == b"x" * 11 == run.get("a")


@pytest.mark.parametrize(
    "broken",
    [
        os.mkfifo,
        os.mkdir,
        lambda path: os.symlink("/dev/zero", path),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff" * 100),
    ],
    ids=["pipe", "folder", "link", "empty", "noise"],
)
def test_something_else_in_the_place_of_a_pack_costs_its_entries_only(broken: Break, tmp_path: Path) -> None:
    path = kept(tmp_path, a=b"one")
    kept(tmp_path, b=b"two")
    path.unlink()
    broken(path)
    assert (Packs(tmp_path).get("a"), Packs(tmp_path).get("b")) == (None, b"two")


@given(data=st.data())
def test_an_altered_pack_never_answers_with_something_else(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("packs")
    path = kept(folder, a=b"one", b=b"two")
    body = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(body[: data.draw(st.integers(0, len(body)))]))
    found = Packs(folder)
    assert found.get("a") in (b"one", None) and found.get("b") in (b"two", None)


def test_an_index_that_leads_elsewhere_is_a_miss(tmp_path: Path) -> None:
    """Somebody who writes packs can give an index a right checksum."""
    for number, (offset, size) in enumerate([(-1, 3), (1 << 80, 3), (0, 1 << 80), (0, -5), (0, 1 << 60)] * 4):
        head = b'{"a":[%d,%d]}' % (offset, size)
        (tmp_path / f"{number}.pack").write_bytes(len(head).to_bytes(8, "big") + packs.checksum(head) + head + b"x" * 100)
        assert Packs(tmp_path).get("a") is None
    run = Packs(tmp_path)
    run.put("b", b"y")
    run.write()
    assert (run.get("a"), run.get("b"), len(run)) == (None, b"y", 1)


def test_runs_side_by_side_lose_nothing_that_they_wrote(tmp_path: Path) -> None:
    def run(number: int) -> None:
        for turn in range(10):
            each = Packs(tmp_path)
            each.put(f"{number}-{turn}", b"x")
            each.write()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(list(tmp_path.glob(".new-*"))) == 0
    assert all(Packs(tmp_path).get(f"{number}-9") == b"x" for number in range(2))


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    run = Packs(tmp_path / "file")
    run.put("a", b"one")
    run.write()
    assert run.get("a") is None


@pytest.mark.parametrize("run", [Packs(None), Packs(Path("/nowhere"), kept=False)])
def test_without_a_folder_nothing_is_kept(run: Packs) -> None:
    run.put("a", b"one")
    run.write()
    assert run.get("a") is None


def test_an_entry_with_a_hole_as_large_as_no_memory_is_none(tmp_path: Path) -> None:
    """Whoever may write into the folder, as several jobs may, must not bring the others down."""
    head = encode({"k": (0, (1 << 40) - 1000)})
    (tmp_path / "a.pack").write_bytes(len(head).to_bytes(8, "big") + checksum(head) + head)
    os.truncate(tmp_path / "a.pack", 1 << 40)
    run = Packs(tmp_path)
    assert run.get("k") is None and len(run) == 0
