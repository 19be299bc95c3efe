"""What the building of one environment has used: all that may bring another result when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from gitops_validate.building.charts import Chart

KINDS = ("files", "dirs", "links", "absent")


class Used(Struct):
    """The engine's traces of an environment, and where its charts come from."""

    trace: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    folders: set[str] = field(default_factory=set)
    charts: set[tuple[str | bool, ...]] = field(default_factory=set)
    """What archives were asked for by, as `Charts.again` takes it."""
    revision: bool = False
    """Whether a chart's version follows the commit."""

    def chart(self, chart: Chart) -> None:
        """Note a chart."""
        if chart.asked:
            self.charts.add(chart.asked)
        else:
            self.folders.add(chart.location["folder"])
            self.revision |= "version" in chart.location

    def traced(self, trace: Mapping[str, Any]) -> None:
        """Note what the engine has read, or looked for."""
        for kind in KINDS:
            self.trace[kind].update(trace.get(kind) or ())

    def values(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        trace = {kind: sorted(paths) for kind, paths in self.trace.items()}
        return {"trace": trace, "folders": sorted(self.folders), "charts": sorted(map(list, self.charts)), "revision": self.revision}
