"""Which API server judges."""

from __future__ import annotations

from msgspec import Struct

VERSIONS = ("1.33", "1.34", "1.35", "1.36", "1.37")
"""The versions of Kubernetes that are known, the newest last."""


class ApiServer(Struct, frozen=True):
    """A kube-apiserver: its minor version, such as "1.36", and the entries of its flags `--feature-gates` and `--runtime-config`, such as "HPAScaleToZero=true".

    "" as the version means whichever, where an answer does not depend on it.
    """

    version: str = ""
    feature_gates: tuple[str, ...] = ()
    runtime_config: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it takes anything else than its version does by default."""
        return bool(self.feature_gates or self.runtime_config)

    @property
    def flags(self) -> tuple[str, ...]:
        """The engine's flags."""
        gates = [f"--feature-gates={entry}" for entry in self.feature_gates]
        served = [f"--runtime-config={entry}" for entry in self.runtime_config]
        return tuple([f"--kube-version={self.version}", *gates, *served] if self.version else ())

    def __str__(self) -> str:
        """As people say it."""
        told = [
            f"{word} {', '.join(entries)}"
            for word, entries in (("feature gates", self.feature_gates), ("runtime-config", self.runtime_config))
            if entries
        ]
        return " with ".join([f"Kubernetes {self.version}", *([" and ".join(told)] if told else [])])
