"""A running gateway's snapshot, printed once or kept up to date on the terminal."""

import sys
import time
from contextlib import suppress

import msgspec
from rich.console import Console, RenderableType
from rich.live import Live

from gateway.status.asking import NoAnswerError, ask
from gateway.status.listen import Listen
from gateway.status.snapshot import Snapshot
from gateway.status.view import no_answer, view

EVERY_S = 1.0


def show(snapshot: Snapshot, *, json: bool) -> None:
    """Print a snapshot."""
    if json:
        sys.stdout.write(msgspec.json.encode(snapshot).decode() + "\n")
    else:
        Console().print(view(snapshot))


def watch(listen: Listen) -> None:
    """Show a gateway until Ctrl-C; one that goes away may come back."""
    with suppress(KeyboardInterrupt), Live(_now(listen), auto_refresh=False, screen=False) as live:
        while True:
            time.sleep(EVERY_S)
            live.update(_now(listen), refresh=True)


def _now(listen: Listen) -> RenderableType:
    try:
        return view(ask(listen))
    except NoAnswerError as error:
        return no_answer(str(error))
