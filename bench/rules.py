"""Times each rule over a checkout, beside the rendering of the same: `python bench/rules.py FOLDER` prints both as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from gitops_validate import run
from gitops_validate.check import Options, check
from gitops_validate.judging.candidates import Judging, Told
from gitops_validate.model.finding import Profile
from gitops_validate.render import render
from gitops_validate.rule import Rule
from measure import output_of


class Times(NamedTuple):
    """Seconds of rendering, and of each rule; what several rules look up together counts for the first of them."""

    rendering: float
    rules: Mapping[str, float]

    @property
    def together(self) -> float:
        """Seconds of all rules."""
        return sum(self.rules.values())


def measured(folder: Path, home: Path) -> Times:
    """One check in a process of its own, at profile strict, so that all rules speak."""
    said = json.loads(output_of([sys.executable, __file__, folder], folder, home))
    return Times(said["rendering"], said["rules"])


def observed(folder: Path) -> Times:
    """One check in this process, without a cache."""
    spent: defaultdict[str, float] = defaultdict(float)

    def timed(name: Callable[..., str], function: Callable[..., Any], whole: Callable[[Any], Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:
            start = time.perf_counter()
            try:
                return whole(function(*arguments))
            finally:
                spent[name(*arguments)] += time.perf_counter() - start

        return wrapped

    def rule_of(_: Judging, rule: Rule) -> str:
        return rule.id

    def all_of(told: Iterator[Told]) -> list[Told]:
        return list(told)

    rules = timed(rule_of, Judging.told_by, all_of)
    rendering = timed(lambda *_: "", render, lambda rendered: rendered)
    with patch.object(Judging, "told_by", rules), patch.object(run, "render", rendering):
        check(Options(folder, offline=True, cache=False, profile=Profile.STRICT))
    return Times(spent.pop(""), spent)


if __name__ == "__main__":
    print(json.dumps(observed(Path(sys.argv[1]))._asdict()))
