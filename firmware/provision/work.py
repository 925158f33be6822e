"""What each command does, step by step, and what it shows."""

import os
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from provision import identity, release
from provision.board import Program, Survey, require_no_dongle, slot_of, survey
from provision.boards import require_chip
from provision.errors import FilesError, LinkError, PortError, ProvisionError
from provision.events import require_none_open
from provision.fleet_files import begin_fleet, load_desk, load_keys, locked
from provision.label import write_label
from provision.link import Link
from provision.ports import choose_port, known_ports
from provision.screen import say
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


class Files(NamedTuple):
    """A fleet's files: registry with the keys, the desk's configuration, where labels go."""

    registry: Path
    desk: Path
    labels: Path


def list_ports(console: Console) -> None:
    """What `tocsin-badge list` does."""
    table = Table("port", "USB", "what is on it")
    ports = known_ports()
    for port in ports:
        table.add_row(port.path, port.usb, _on(port.path) if port.likely else "not a badge's chip")
    if not ports:
        raise PortError("no serial port on USB; plug a badge in")
    console.print(table)


def provision(options: Options, fleet: Files, wearer: str, *, new_fleet: bool, force: bool) -> None:
    """What `tocsin-badge provision` does. force: also when an event is open on the badge."""
    if not wearer.isprintable() or not 1 <= len(wearer.strip()) <= _WEARER_LENGTH:
        raise FilesError("--wearer: must be a name of 1 to 80 printable characters")
    if not os.access(fleet.labels, os.W_OK):
        raise FilesError(f"{fleet.labels}: no directory to write to; choose another with --labels")
    port, console = options.chosen(), options.console
    with locked(fleet.registry):
        load_desk(fleet.desk)
        if not new_fleet:
            load_keys(fleet.registry)
        with Link(port) as link:
            found = survey(link)
            require_no_dongle(link, found)
            event = require_none_open(
                link, found, "with a new number the badge would drop that alert", force=force
            )
            if new_fleet:
                begin_fleet(fleet.registry)
            made = identity.provision(link, found, fleet.registry, fleet.desk, wearer.strip())
    both = f"{fleet.registry} and {fleet.desk}"
    say(console, f"{port}: is badge {made.number} of fleet {made.fleet} now, worn by {wearer}")
    if event is not None:
        say(console, f"{event}: over on the badge; end its alert at the desk, or nobody does")
    if made.before not in (None, made.number):
        say(console, f"it was badge {made.before}: remove that number from {both}")
    say(console, f"registered in {both}; restart tocsin-desk")
    label = write_label(fleet.labels, made.fleet, made.number)
    say(console, f"label: {label.svg}, {label.png}\n{label.terminal}")


def check(options: Options) -> bool:
    """What `tocsin-badge check` does. False when a part failed."""
    with Link(options.chosen()) as link:
        found = survey(link)
        results = link.run("selftest", slot_of(link, found))
    say(options.console, f"{_who(found)}, firmware {found.firmware}")
    table = Table("part", "state", "measured")
    for part, state, measured in results:
        table.add_row(part, state, measured, style=_STYLES.get(state, ""))
    options.console.print(table)
    return all(state != "fault" for _, state, _ in results)


def log(options: Options, count: int) -> None:
    """What `tocsin-badge log` does."""
    with Link(options.chosen()) as link:
        lines: list[str] = link.run("log", slot_of(link, survey(link)))
    for line in lines[-count:]:
        say(options.console, line)
    if not lines:
        say(options.console, "the log is empty")


def config_get(options: Options, key: str | None) -> None:
    """What `tocsin-badge config get` does."""
    with Link(options.chosen()) as link:
        settings = load_settings(link, slot_of(link, survey(link)))
    for name in [key] if key is not None else sorted(settings.defaults):
        value = settings.value(name)
        mark = "" if value == settings.defaults[name] else f"  (default {settings.defaults[name]})"
        say(options.console, f"{name} = {value}{mark}")


def config_set(options: Options, key: str, text: str) -> None:
    """What `tocsin-badge config set` does."""
    with Link(options.chosen()) as link:
        found = survey(link)
        settings = load_settings(link, slot_of(link, found))
        value = settings.parse(key, text)
        if key == "board":
            require_chip(link, found, release.find_source(), text)
        save_setting(link, settings, key, value)
    say(options.console, f"{key} = {value}")


def _on(port: str) -> str:
    if not os.path.exists(port):
        return "no such port"
    try:
        with Link(port) as link:
            found = survey(link)
    except LinkError:
        return "nothing that answers as MicroPython"
    except ProvisionError as error:
        return str(error).removeprefix(f"{port}: ")
    if found.good:
        return f"{_who(found)}, firmware {found.firmware}, {found.chip}"
    return f"no firmware, MicroPython {found.micropython}, {found.chip}"


def _who(found: Survey) -> str:
    if found.program is Program.DONGLE:
        return "dongle"
    if found.number is None:
        return "not provisioned"
    return f"badge {found.number} (fleet key {found.epoch})"
