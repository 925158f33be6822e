"""What the command `tocsin-simulator` tells of stories: which are shipped, and what can happen."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from simulator.scenario.story import parse, shipped
from simulator.scenario.verbs import VERBS, Verb


def stories() -> None:
    """The stories that come with the simulator, and what each is about."""
    table = Table(show_lines=True)
    for title in ("story", "plan", "length", "about"):
        table.add_column(title, no_wrap=title != "about")
    for name, text in shipped().items():
        story = parse(name, text)
        table.add_row(name, story.plan, story.length, " ".join(story.about.split()))
    Console().print(table)


def verbs() -> None:
    """What may stand after `does` in a story: who does it, what it means, and what it needs."""
    table = Table("does", "who", "what it means", "needs")
    for name, verb in VERBS.items():
        table.add_row(name, verb.who, verb.means, ", ".join(needs(verb)), end_section=_last(name))
    Console().print(table)


def needs(verb: Verb) -> Iterator[str]:
    """The keys that a step with this verb must have, and may have, with what draws choose from."""
    if verb.to:
        yield "to"
    if verb.lasts is not None:
        yield f"lasts (drawn: {verb.lasts[0]} to {verb.lasts[1]} s)"
    if verb.amount is not None:
        yield f"amount (drawn: {verb.amount[0]:g} to {verb.amount[1]:g})"


def _last(name: str) -> bool:
    """Whether the next verb is of somebody else."""
    names = tuple(VERBS)
    at = names.index(name) + 1
    return at < len(names) and VERBS[names[at]].who != VERBS[name].who
