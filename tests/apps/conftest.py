"""Fixtures that more than one test of the pages uses."""

from tests.apps.browsing import browser, visit

__all__ = ["browser", "visit"]
