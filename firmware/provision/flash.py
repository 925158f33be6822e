"""What `tocsin-badge flash` does: makes a badge or a dongle of a board, or updates it."""

import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from provision import identity, install, release
from provision.base_image import write_image
from provision.board import Program, Survey, survey
from provision.boards import require_board, require_image
from provision.errors import BoardError, LinkError
from provision.events import require_none_open
from provision.link import Link
from provision.ports import await_device, device_at
from provision.screen import bar, say
from provision.start import watch_start
from provision.work import Options, config_set


class Wish(NamedTuple):
    """What is asked for. image: MicroPython first; board: its name; source: of the firmware.

    program: None for what the board is already; force: also when an alert or a badge is lost.
    """

    image: Path | None = None
    board: str | None = None
    source: Path | None = None
    program: Program | None = None
    force: bool = False


def flash(options: Options, wish: Wish) -> None:
    """Raises FilesError before anything is touched, BoardError before anything is written."""
    port, console = options.chosen(), options.console
    root = wish.source or release.find_source()
    if wish.image is not None:
        require_image(wish.image, root, wish.board)
        port = _require_free_if_it_answers(port, wish)
        port = _write_image(port, console, wish.image)
    with Link(port) as link:
        found = survey(link)
        program = _allowed(link, found, wish)
        require_board(link, found, root, program, wish.board)
        built = _build(console, root, program, found)
        todo = install.plan_for(link, built, found)
        if not todo.send and found.slot == todo.slot:
            say(console, f"{port}: has firmware {found.firmware} already, checked by hash")
        else:
            _install(link, console, found, built, todo)
    after = Options(link.port, console)
    if program is Program.DONGLE:
        _take_keys(after, found)
    elif wish.board is not None:  # only now: the old firmware might have come back
        config_set(after, "board", wish.board)


def _require_free_if_it_answers(port: str, wish: Wish) -> str:
    """Checks a board before its MicroPython is replaced; one that has none cannot be asked."""
    try:
        with Link(port, rouse=False) as link:
            _allowed(link, survey(link), wish)
    except LinkError:
        return port
    return link.port


def _allowed(link: Link, found: Survey, wish: Wish) -> Program:
    """What the board is to be. Raises BoardError when somebody would miss what it is."""
    program = wish.program or found.program or Program.BADGE
    if not wish.force:
        require_none_open(link, found, "while it is updated it cannot call", force=False)
        turned = program is Program.DONGLE and found.program is not Program.DONGLE
        if turned and found.number is not None:
            raise BoardError(
                f"{link.port}: is badge {found.number}: a dongle calls for nobody, and its keys"
                " would be gone; take another board, or use --force"
            )
    return program


def _write_image(port: str, console: Console, image: Path) -> str:
    """The port where the board is then."""
    device = device_at(port)
    with bar(console) as shown:
        task = shown.add_task(f"{image.name} to the chip", total=100)
        write_image(port, image, lambda percent: shown.update(task, completed=percent))
    return next(await_device(device, time.sleep), port)


def _build(console: Console, root: Path, program: Program, found: Survey) -> release.Release:
    march = release.architecture(found.mpy)
    with bar(console) as shown:
        task = shown.add_task("compiling", total=None)
        return release.build(root, program, march, lambda _: shown.advance(task))


def _install(
    link: Link, console: Console, found: Survey, built: release.Release, todo: install.Plan
) -> None:
    whole, program = len(todo.wanted), built.program
    say(
        console,
        f"{link.port}: {found.chip}, MicroPython {found.micropython}, firmware: {found.firmware}\n"
        f"sending {len(todo.send)} of {whole} files, {todo.size} bytes, to slot {todo.slot}",
    )
    if found.program not in (None, program):
        say(console, f"it was a {found.program}, and becomes a {program}")
    trial = install.on_trial(found, program)
    with bar(console) as shown:
        task = shown.add_task("sending", total=todo.size)
        install.install(link, found, todo, lambda _, count: shown.advance(task, count), trial=trial)
    say(console, f"all {whole} files are on the {program}, checked by hash")
    watch_start(link, todo.slot, program, trial=trial)
    say(console, f"firmware {built.version} ({built.digest}) has started")
    if program is Program.DONGLE:
        say(console, "next: plug it into a hub; tocsin-gateway finds it by itself")
    elif found.number is None:
        say(console, "next: tocsin-badge provision --wearer NAME")


def _take_keys(options: Options, found: Survey) -> None:
    """A dongle holds none; not before it runs, since the badge might have come back."""
    if found.number is None:
        return
    with Link(options.chosen()) as link:
        identity.erase(link)
    say(
        options.console,
        f"the keys of badge {found.number} are gone from it; remove that number from the"
        " gateway's registry and the desk's configuration",
    )
