"""Records are msgspec's Structs: there are more than a hundred of them, and one costs a fiftieth of a dataclass to define when a run starts."""

from __future__ import annotations


class Veiled:
    """What makes a record be printed as its class and no more: it holds what nobody may see, or pages of text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
