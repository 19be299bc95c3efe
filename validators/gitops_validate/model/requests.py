"""What is asked of nodes."""

from __future__ import annotations

from msgspec import Struct


class Requests(Struct, frozen=True):
    """What the pods of an environment ask for: CPU in cores, memory and storage in bytes."""

    cpu: float = 0.0
    memory: float = 0.0
    storage: float = 0.0

    def __add__(self, other: Requests) -> Requests:
        return Requests(self.cpu + other.cpu, self.memory + other.memory, self.storage + other.storage)

    def __mul__(self, times: int) -> Requests:
        return Requests(self.cpu * times, self.memory * times, self.storage * times)
