"""Fixtures of this folder; the class stands where tests can import it."""

from conftest_generator import made, place

__all__ = ["made", "place"]
