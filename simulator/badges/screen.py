"""What a tester sees: a start screen, answers, and what badges do meanwhile."""

from __future__ import annotations

import io
import os
import readline
import sys
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from simulator.badges.bench import Bench

PROMPT = "badges> "
WIDE = 160


class Screen:
    """prompting: whether a prompt stands in the last line, which then moves down."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.prompting = False

    def show(self, shown: RenderableType, style: str = "") -> None:
        """Something new, above the prompt."""
        if self.prompting:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()
        self.console.print(shown, style=style or None, highlight=False)
        if self.prompting:
            sys.stdout.write(PROMPT + readline.get_line_buffer())
            sys.stdout.flush()

    def close(self) -> None:
        """Leaves the prompt's line."""
        if self.prompting:
            self.console.print()


def plain(shown: RenderableType) -> str:
    """The same without colours, for another terminal or a file."""
    out = io.StringIO()
    Console(file=out, width=WIDE, color_system=None).print(shown, highlight=False)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").split("\n"))


def start_screen(bench: Bench) -> RenderableType:
    """What is there, and what to type where."""
    count, where = len(bench.worn), _short(bench.home.directory)
    they = "1 badge is" if count == 1 else f"{count} badges are"
    broker = "a broker of the simulator" if bench.options.broker_url is None else "your broker"
    first = next(iter(bench.worn))
    lines = [
        f"{they} on the air; {broker} is at {bench.broker_url}.",
        "",
        "In other terminals:",
        f"  your desk         tocsin-desk run --config {where}/desk.toml",
        f"  as a supervisor   tocsin-desk watch --socket {where}/desk.sock",
        f"  a badge by USB    tocsin-badge check --port {where}/badge-{first}",
        f"  MicroPython there mpremote connect {where}/badge-{first}",
        f'  what is said here tocsin-simulator badges tell {where} "hold {first}"',
        "",
        f"Here: list, hold {first}, walk {first} 40, break {first} gnss, help, quit.",
    ]
    lines.insert(3, _gateway_line(bench, where))
    return Text("\n".join(lines), no_wrap=True, overflow="ignore")


def _gateway_line(bench: Bench, where: str) -> str:
    radios = ["the serial dongle"] if bench.options.dongle else []
    if bench.adapter:
        radios.append(f"BlueZ's {bench.adapter}")
    if not radios:
        return "  (a gateway runs here)"
    command = f"tocsin-gateway run --config {where}/gateway.toml"
    return (
        f"  your gateway      {command}\n                    (it hears by {' and '.join(radios)})"
    )


def _short(directory: Path) -> str:
    relative = os.path.relpath(directory)
    return relative if len(relative) < len(str(directory)) else str(directory)
