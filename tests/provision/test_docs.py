"""The integrator's page knows every command, and every option of it."""

import re
from pathlib import Path

import typer.main

from provision.__main__ import commands

PAGE = (Path(__file__).parents[2] / "docs" / "flashing.md").read_text()


def test_every_command_is_shown_with_its_output() -> None:
    group = typer.main.get_command(commands())
    names = [name for name in group.commands if name != "config"]  # type: ignore[attr-defined]
    names += ["config get", "config set"]
    for name in names:
        assert f"$ tocsin-badge {name}" in PAGE, name


def test_every_option_is_explained() -> None:
    group = typer.main.get_command(commands())
    for command in group.commands.values():  # type: ignore[attr-defined]
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert re.search(rf"`{option}\b", PAGE), f"{command.name} {option}"
