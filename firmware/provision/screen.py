"""How text is shown: as it is, however wide the terminal, and whatever a name has in it."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn


def say(console: Console, text: str) -> None:
    """Lines, without markup and without breaks of their own."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def bar(console: Console) -> Progress:
    """A progress bar with percents."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, console=console)
