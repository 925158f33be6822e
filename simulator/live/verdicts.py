"""How the promises fared in a live run, as a table; what was not seen is said beside them."""

from collections.abc import Sequence

from rich.table import Table

from simulator.promises import ALL, Broken

#: What a checker reads in virtual time and no live run can show.
UNSEEN = {
    4: "of several frames between two looks at a hub's disk only the latest is seen",
    6: "that a person's look leaves a trace: nobody looks at details live",
}
CUT_SHORT = {8: "visits that were running when it was stopped are not judged"}


def verdicts(broken: Sequence[Broken], *, cut_short: bool) -> Table:
    """One row a promise."""
    table = Table("", "promise", "", "what was not seen", title="Promises", title_justify="left")
    for promise in ALL:
        whys = [one for one in broken if one.promise == promise.number]
        said = "\n".join(f"{one.at_ms / 1_000:.1f} s: {one.why}" for one in whys)
        unseen = [UNSEEN.get(promise.number, "")]
        unseen += [CUT_SHORT.get(promise.number, "")] if cut_short else []
        table.add_row(
            str(promise.number),
            promise.title,
            f"[bold red]broken[/]\n{said}" if whys else "[green]held[/]",
            "; ".join(text for text in unseen if text),
        )
    return table
