"""The same short run as the report's tests, and the hand-made one."""

from tests.report.conftest import entries, played, story

__all__ = ["entries", "played", "story"]
