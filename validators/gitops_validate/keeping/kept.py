"""The outcomes of environments, each kept for as long as everything that it came of stays the same.

An environment depends on the files that its builds have read and looked for, on the folders and archives of its charts, on what the rules
looked up in the checkout, and on what the whole run shares: its configuration, the definitions of custom kinds, what judges.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from msgspec import Struct
from msgspec.json import decode, encode

from gitops_validate.building.charts import Chart, Charts
from gitops_validate.judging.outcome import Outcome
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.keeping.looked import Looks, state
from gitops_validate.keeping.memo import lasts
from gitops_validate.keeping.tree import Tree
from gitops_validate.keeping.used import Used
from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Repo

VERSIONS = 8
"""Sets of inputs that are remembered for one environment."""


class Kept(Struct, frozen=True):
    """The outcomes that earlier runs have kept. `shared` identifies what all environments of this run have in common."""

    cache: Cache
    tree: Tree
    repo: Repo
    charts: Charts
    shared: str

    def recall(self, environment: Environment) -> Outcome | None:
        """The outcome of an environment if nothing that it depends on has changed."""
        found = self.find(environment)
        return found[1] if found else None

    def find(self, environment: Environment) -> tuple[str, Outcome] | None:
        """The same with what identifies everything that it depends on: two checkouts in which that is equal have the same environment."""
        try:
            for inputs in self._versions(environment):
                key = self._key(environment, inputs)
                archives, _, body = (self.cache.get("outcome", key) or b"").partition(b"\n")
                if body and orjson.loads(archives) == self._archives(inputs["charts"]):
                    return digest(key, archives), decode(body, type=Outcome)
        except (ValueError, KeyError, TypeError, AttributeError):  # an entry that somebody else has written
            return None
        return None

    def served(self, environment: Environment) -> tuple[str, ...]:
        """The API versions that the definitions of an environment brought when it was kept last: where to begin, and nothing more."""
        found = self.cache.get("served", self._name(environment))
        try:
            return decode(found, type=tuple[str, ...]) if found else ()
        except ValueError:
            return ()

    def remember(self, environment: Environment, outcome: Outcome, used: Used, looks: Looks, served: tuple[str, ...] = ()) -> None:
        """Keep an outcome, unless it depends on the whole checkout, or on what the next run may not meet again; and the API versions that it came to."""
        if served:
            self.cache.later("served", self._name(environment), encode(served))
        if looks.everything or not lasts(outcome.gaps):
            return
        wanted = {**used.values(), "looked": sorted(looks.paths)}
        others = [version for version in self._versions(environment) if version != wanted]
        self.cache.later("inputs", self._name(environment), orjson.dumps([wanted, *others[: VERSIONS - 1]]))
        archives = orjson.dumps(self._archives(wanted["charts"]))
        self.cache.later("outcome", self._key(environment, wanted), archives + b"\n" + encode(outcome))

    def _versions(self, environment: Environment) -> list[dict[str, Any]]:
        body = self.cache.get("inputs", self._name(environment))
        try:
            versions = orjson.loads(body) if body else []
        except ValueError:
            return []
        return versions if isinstance(versions, list) else []

    def _name(self, environment: Environment) -> str:
        return digest(self.shared, repr(environment))

    def _key(self, environment: Environment, inputs: dict[str, Any]) -> str:
        folders = (self.tree.below(folder) for folder in inputs["folders"])
        looked = (state(self.repo, path) for path in inputs["looked"])
        revision = self.charts.revision if inputs["revision"] else ""
        seen = self.tree.state(inputs["trace"])
        return digest(self._name(environment), seen, "folders", *folders, "looked", *looked, "revision", revision)

    def _archives(self, asked: Iterable[list[Any]]) -> list[str]:
        """What the archives of an environment are now: a tag or a range of versions may have come to mean another one."""
        charts = [self.charts.again(*request) for request in asked]
        return [chart.content if isinstance(chart, Chart) else chart.reason for chart in charts]
