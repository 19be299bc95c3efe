"""How long a worker may take: one thread looks after all of its requests."""

from __future__ import annotations

import threading
from time import monotonic

import pytest

from gitops_validate.engine.patience import Patience


def test_a_request_in_time_is_left_alone() -> None:
    lost = threading.Event()
    patience = Patience(lost.set)
    with patience.over(0.1):
        pass
    assert not lost.wait(0.3), "its time passed after it was answered"
    assert not patience.lost
    patience.end()


@pytest.mark.parametrize("before", [[], [60.0], [60.0, 60.0], [0.05]], ids=["first", "after long", "after two", "after short"])
def test_a_request_that_takes_too_long_is_lost(before: list[float]) -> None:
    lost = threading.Event()
    patience = Patience(lost.set)
    for seconds in before:
        with patience.over(seconds):
            pass
    start = monotonic()
    with patience.over(0.2):
        assert lost.wait(10)
    assert 0.15 < monotonic() - start < 5
    assert patience.lost
    patience.end()


def test_one_thread_serves_all_requests_and_goes_with_the_worker() -> None:
    patience = Patience(lambda: None)
    seen = set()
    for _ in range(20):
        with patience.over(60):
            seen |= {thread for thread in threading.enumerate() if thread.name == "patience" and thread not in seen}
    mine = [thread for thread in seen if thread is patience._thread]
    assert len(mine) == 1
    patience.end()
    mine[0].join(5)
    assert not mine[0].is_alive()
