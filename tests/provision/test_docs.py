"""The integrator's page knows every command, and every option of it."""

import re
from pathlib import Path

import click
import typer.main

from provision.__main__ import commands

PAGE = (Path(__file__).parents[2] / "docs" / "flashing.md").read_text()


def commands_by_name() -> dict[str, click.Command]:
    """Every command, those of groups too."""
    found = {}
    waiting = [("", typer.main.get_command(commands()))]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [(f"{name} {key}", below) for key, below in command.commands.items()]
        else:
            found[name.strip()] = command
    return found


def test_every_command_is_shown_with_its_output() -> None:
    for name in commands_by_name():
        assert f"$ tocsin-badge {name}" in PAGE, name


def test_every_option_is_explained() -> None:
    for name, command in commands_by_name().items():
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert re.search(rf"`{option}\b", PAGE), f"{name} {option}"
