"""How the promises fared in a live run, as a table; what was not seen is said beside them."""

from collections.abc import Sequence

from rich.table import Table

from simulator.promises import ALL, Broken

#: What a checker reads in virtual time and no live run can show.
UNSEEN = {
    4: "of several frames between two looks at a hub's disk only the latest is seen",
    6: "that a look leaves a trace (nobody looks at details live); addresses and bytes of frames",
}
CUT_SHORT = {8: "visits that were running when it was stopped are not judged"}


def verdicts(broken: Sequence[Broken], *, cut_short: bool) -> Table:
    """One row a promise."""
    table = Table(title="Promises", title_justify="left")
    table.add_column()
    table.add_column("promise", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column("what was not seen")
    for promise in ALL:
        times = sum(one.promise == promise.number for one in broken)
        held = "[green]held[/green]" if not times else f"[bold red]broken {times} times[/bold red]"
        unseen = [UNSEEN.get(promise.number, "")]
        unseen += [CUT_SHORT.get(promise.number, "")] if cut_short else []
        table.add_row(str(promise.number), promise.title, held, "; ".join(filter(None, unseen)))
    return table


def reasons(broken: Sequence[Broken]) -> list[str]:
    """Each promise that was broken, and why, a line each."""
    return [f"{one.at_ms / 1_000:10.3f} s  {one.promise}. {one.why}" for one in broken]
