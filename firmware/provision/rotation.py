"""What the commands of `tocsin-badge fleet-key` do, and what they show."""

from pathlib import Path

from rich.console import Console

from provision import fleet_keys, identity
from provision.board import survey
from provision.errors import FilesError
from provision.events import require_none_open
from provision.fleet_files import load_keys, locked
from provision.link import Link
from provision.numbers import load_numbers
from provision.screen import say
from provision.work import Options


def rotate(console: Console, registry: Path) -> None:
    """What `tocsin-badge fleet-key rotate` does."""
    with locked(registry):
        load_numbers(registry)  # a damaged file is told before anything is changed
        epoch = fleet_keys.rotate(registry)
    say(
        console,
        f"{registry}: a new fleet key, epoch {epoch}; the one until now is kept beside it\n"
        "now give this registry to every gateway of the fleet, which takes it as it is;"
        " a badge with the new key is heard by no other\n"
        "then plug in badge by badge: tocsin-badge fleet-key renew",
    )
    show(console, registry)


def renew(options: Options, registry: Path, *, force: bool) -> None:
    """What `tocsin-badge fleet-key renew` does."""
    port = options.chosen()
    with locked(registry):
        keys = load_keys(registry)
        with Link(port) as link:
            found = survey(link)
            otherwise = "a gateway without the new key would hear it no more"
            require_none_open(link, found, otherwise, force=force)
            changed = identity.renew(link, found, registry)
    when = "now" if changed else "already"
    say(
        options.console,
        f"{port}: badge {found.number} has the fleet key of epoch {keys.epoch} {when}",
    )
    show(options.console, registry)


def retire(console: Console, registry: Path, *, force: bool) -> None:
    """What `tocsin-badge fleet-key retire` does."""
    with locked(registry):
        previous = fleet_keys.previous(registry)
        behind = _behind(registry)
        if behind and not force:
            raise FilesError(
                f"{registry}: {_named(behind)} may still have the fleet key of epoch {previous},"
                " and would be heard no more; renew them, remove lost ones from the registry, or"
                " use --force"
            )
        fleet_keys.retire(registry)
    say(
        console,
        f"{registry}: the fleet key of epoch {previous} is gone; give the registry to every gateway"
        ", which takes it as it is",
    )


def show(console: Console, registry: Path) -> None:
    """What `tocsin-badge fleet-key show` does."""
    keys = load_keys(registry)
    behind = _behind(registry)
    previous = f", previous epoch {keys.fleet_keys[1].epoch}" if len(keys.fleet_keys) > 1 else ""
    say(console, f"current epoch {keys.epoch}{previous}")
    if behind:
        say(console, f"not known to have the current key: {_named(behind)}")
    elif previous:
        say(console, "every badge has the current key: tocsin-badge fleet-key retire")


def _behind(registry: Path) -> list[int]:
    keys = load_keys(registry)
    numbers = [entry.number for entry in keys.badges]
    return load_numbers(registry).behind(numbers, keys.epoch)


def _named(numbers: list[int]) -> str:
    return f"badge{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
