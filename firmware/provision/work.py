"""What each command does, step by step, and what it shows."""

from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from provision import identity, install, release
from provision.base_image import write_image
from provision.board import Survey, slot_of, survey
from provision.boards import require_chip
from provision.errors import FilesError, LinkError, PortError, ProvisionError
from provision.fleet_files import begin_fleet, load_desk, load_keys, locked
from provision.label import write_label
from provision.link import Link
from provision.ports import choose_port, known_ports
from provision.settings import load_settings, save_setting

_STYLES = {"ok": "green", "fault": "bold red", "absent": "dim"}
_WEARER_LENGTH = 80


class Options(NamedTuple):
    """port: None for the only one there is; console: where things are shown."""

    port: str | None
    console: Console

    def chosen(self) -> str:
        """The port's path. Raises PortError when it is not clear."""
        return choose_port(self.port, known_ports())


def list_ports(console: Console) -> None:
    """What `tocsin-badge list` does."""
    table = Table("port", "USB", "what is on it")
    ports = known_ports()
    for port in ports:
        table.add_row(port.path, port.usb, _on(port.path) if port.likely else "not a badge's chip")
    if not ports:
        raise PortError("no serial port on USB; plug a badge in")
    console.print(table)


def flash(options: Options, image: Path | None, board: str | None, source: Path | None) -> None:
    """What `tocsin-badge flash` does."""
    port, console = options.chosen(), options.console
    if image is not None:
        with _bar(console) as bar:
            task = bar.add_task(f"{image.name} to the chip", total=100)
            write_image(port, image, lambda percent: bar.update(task, completed=percent))
    with Link(port) as link:
        found = survey(link)
        root = source or release.find_source()
        require_chip(link, found, root, board)
        built = _build(console, root, found)
        todo = install.plan_for(link, built, found)
        if not todo.send and found.slot == todo.slot:
            console.print(f"{port}: has firmware {found.firmware} already, checked by hash")
        else:
            _install(link, console, found, built, todo)
    if board is not None:  # only now: until it had started, the old firmware might have come back
        config_set(Options(port, console), "board", board)


def _build(console: Console, root: Path, found: Survey) -> release.Release:
    march = release.architecture(found.mpy)
    with _bar(console) as bar:
        task = bar.add_task("compiling", total=None)
        return release.build(root, march, lambda _: bar.advance(task))


def _install(
    link: Link, console: Console, found: Survey, built: release.Release, todo: install.Plan
) -> None:
    whole = len(todo.wanted)
    console.print(
        f"{link.port}: {found.chip}, MicroPython {found.micropython}, firmware: {found.firmware}\n"
        f"sending {len(todo.send)} of {whole} files, {todo.size} bytes, to slot {todo.slot}"
    )
    with _bar(console) as bar:
        task = bar.add_task("sending", total=todo.size)
        trial = install.install(link, found, todo, lambda _, count: bar.advance(task, count))
    console.print(f"all {whole} files are on the badge, checked by hash")
    install.watch_start(link, todo.slot, trial=trial)
    console.print(f"firmware {built.version} ({built.digest}) has started")
    if found.number is None:
        console.print("next: tocsin-badge provision --wearer NAME")


def provision(
    options: Options, registry: Path, desk: Path, labels: Path, wearer: str, *, new_fleet: bool
) -> None:
    """What `tocsin-badge provision` does."""
    if not wearer.isprintable() or not 1 <= len(wearer.strip()) <= _WEARER_LENGTH:
        raise FilesError("--wearer: must be a name of 1 to 80 printable characters")
    port, console = options.chosen(), options.console
    with locked(registry):
        load_desk(desk)
        if not new_fleet:
            load_keys(registry)
        with Link(port) as link:
            found = survey(link)
            if new_fleet:
                begin_fleet(registry)
            made = identity.provision(link, found, registry, desk, wearer.strip())
    label = write_label(labels, made.fleet, made.number)
    console.print(f"{port}: is badge {made.number} of fleet {made.fleet} now, worn by {wearer}")
    if made.before is not None:
        console.print(f"it was badge {made.before}: remove that number from {registry} and {desk}")
    console.print(f"registered in {registry} and {desk}; restart tocsin-gateway and tocsin-desk")
    console.print(f"label: {label.svg}, {label.png}\n{label.terminal}", highlight=False)


def check(options: Options) -> bool:
    """What `tocsin-badge check` does. False when a part failed."""
    with Link(options.chosen()) as link:
        found = survey(link)
        results = link.run("selftest", slot_of(link, found))
    name = f"badge {found.number}" if found.number is not None else "not provisioned"
    table = Table("part", "state", "measured", title=f"{name}, firmware {found.firmware}")
    for part, state, measured in results:
        table.add_row(part, state, measured, style=_STYLES.get(state, ""))
    options.console.print(table)
    return all(state != "fault" for _, state, _ in results)


def log(options: Options, count: int) -> None:
    """What `tocsin-badge log` does."""
    with Link(options.chosen()) as link:
        lines: list[str] = link.run("log", slot_of(link, survey(link)))
    for line in lines[-count:]:
        options.console.print(line, markup=False, highlight=False)
    if not lines:
        options.console.print("the log is empty")


def config_get(options: Options, key: str | None) -> None:
    """What `tocsin-badge config get` does."""
    with Link(options.chosen()) as link:
        settings = load_settings(link, slot_of(link, survey(link)))
    for name in [key] if key is not None else sorted(settings.defaults):
        value = settings.value(name)
        mark = "" if value == settings.defaults[name] else f"  (default {settings.defaults[name]})"
        options.console.print(f"{name} = {value}{mark}", markup=False, highlight=False)


def config_set(options: Options, key: str, text: str) -> None:
    """What `tocsin-badge config set` does."""
    with Link(options.chosen()) as link:
        found = survey(link)
        settings = load_settings(link, slot_of(link, found))
        value = settings.parse(key, text)
        if key == "board":
            require_chip(link, found, release.find_source(), text)
        save_setting(link, settings, key, value)
    options.console.print(f"{key} = {value}", markup=False, highlight=False)


def _on(port: str) -> str:
    try:
        with Link(port) as link:
            found = survey(link)
    except LinkError:
        return "nothing that answers as MicroPython"
    except ProvisionError as error:
        return str(error).removeprefix(f"{port}: ")
    if found.good:
        badge = f"badge {found.number}" if found.number is not None else "not provisioned"
        return f"{badge}, firmware {found.firmware}, {found.chip}"
    return f"no firmware, MicroPython {found.micropython}, {found.chip}"


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, console=console)
