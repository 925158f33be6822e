"""One of the runs on a page: its figures, where it took place, and how it is called."""

from typing import NamedTuple

from simulator.report.figures import Figures
from simulator.report.scenery import Scenery


class Told(NamedTuple):
    """name: a letter, to tell it from another on the same page; label: what that one is called;
    class_: its colour, `a` or `b`."""

    figures: Figures
    scenery: Scenery
    name: str = ""
    label: str = ""
    class_: str = "a"

    @property
    def title(self) -> str:
        """Letter and label; empty of the only run on its page."""
        return f"{self.name}: {self.label}" if self.name and self.label else self.name

    def of(self, words: str) -> str:
        """Words with the name of the run, where there are two."""
        return f"{words} — {self.name}" if self.name else words
