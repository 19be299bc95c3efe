"""Blocks of addresses, and which of them hold others."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

WORLD = ("0.0.0.0/0", "::/0")


def holds(wide: Any, narrow: Any) -> bool:
    """Whether all addresses of one block are in another; a block that is none holds itself alone."""
    match _network(wide), _network(narrow):
        case IPv4Network() as one, IPv4Network() as other:
            return other.subnet_of(one)
        case IPv6Network() as one, IPv6Network() as other:
            return other.subnet_of(one)
    return bool(wide == narrow)


def _network(cidr: Any) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(cidr, strict=False) if isinstance(cidr, str) else None
    except ValueError:
        return None
