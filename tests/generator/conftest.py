"""Fixtures of this folder; the class stands where tests can import it."""

from conftest_generator import made, place
from platform_repository import complete, repository, secured

__all__ = ["complete", "made", "place", "repository", "secured"]
