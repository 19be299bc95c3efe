"""Quantities as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`.

The grammar is that of apimachinery's resource.Quantity: a decimal number, then nothing, an exponent, or one suffix.
"""

from __future__ import annotations

import re
from typing import Any

_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_FACTORS = {**_DECIMAL, **{suffix: 1024.0 ** (power + 1) for power, suffix in enumerate(_BINARY)}}
_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<power>[+-]?\d{1,2}))?")


def amount(quantity: Any) -> float | None:
    """The number that a quantity stands for (cores, bytes), None if it is none."""
    if isinstance(quantity, bool) or not isinstance(quantity, int | float | str):
        return None
    match = _QUANTITY.fullmatch(str(quantity))
    if not match:
        return None
    return float(match["number"]) * (10.0 ** int(match["power"]) if match["power"] else _FACTORS[match["suffix"] or ""])


def cores(value: float) -> str:
    """An amount of CPU for people: `1.5`, `250m`."""
    return f"{value * 1000:.0f}m" if 0 < abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")


def size(value: float) -> str:
    """An amount of bytes for people: `512Mi`, `1.5Gi`."""
    if value == 0:
        return "0"
    power = 0
    while abs(value) >= 1024 and power < len(_BINARY):
        value, power = value / 1024, power + 1
    return f"{value:.1f}".removesuffix(".0") + ("", *_BINARY)[power]
