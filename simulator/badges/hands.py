"""Carries orders out on the bench, and says what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table

from gateway.contract.messages import Phase
from simulator.badges.bench import Bench, until_it_says
from simulator.badges.orders import VERBS, Order, OrderError, read_order
from simulator.badges.worn import Worn

WAIT_S = 300.0

_STATES = {"on": "green", "asleep": "dim", "off": "red"}


class Answer(NamedTuple):
    """What came of a line. failed: it was no order, or could not be carried out."""

    shown: RenderableType
    failed: bool = False


class Hands:
    """Does what lines say. `quit` is set once one of them says so."""

    def __init__(self, bench: Bench) -> None:
        self.quit = asyncio.Event()
        self._bench = bench
        self._does: dict[str, Callable[[Worn, Order], str]] = {
            "press": self._press,
            "hold": self._hold,
            "fall": self._fall,
            "walk": self._walk,
            "battery": self._battery,
            "charge": self._charge,
            "break": self._break,
            "mend": self._mend,
            "off": self._off,
            "on": self._on,
        }

    async def do(self, line: str) -> Answer:
        """What came of a line of simulator.badges.orders."""
        try:
            order = read_order(line, tuple(self._bench.worn))
        except OrderError as error:
            return Answer(str(error), failed=True)
        if order is None:
            return Answer("")
        if order.verb in self._does:
            return self._do_each(order)
        return await self._do_all(order)

    async def _do_all(self, order: Order) -> Answer:
        if order.verb == "wait":
            return await self._wait(order)
        if order.verb == "jam":
            self._bench.field.jammed = order.word == "on"
            heard = "nobody hears anybody" if order.word == "on" else "who is near is heard again"
            return Answer(f"jammer {order.word}: {heard}")
        if order.verb == "quit":
            self.quit.set()
            return Answer("ending")
        return Answer(help_table() if order.verb == "help" else badges_table(self._bench))

    def _do_each(self, order: Order) -> Answer:
        """The badges of which the same can be said, in one line."""
        said: dict[str, list[int]] = {}
        failed = False
        for number in order.badges:
            try:
                text = self._does[order.verb](self._bench.worn[number], order)
            except OrderError as error:
                text, failed = str(error), True
            said.setdefault(text, []).append(number)
        return Answer("\n".join(f"{_names(who)}: {text}" for text, who in said.items()), failed)

    async def _wait(self, order: Order) -> Answer:
        if not order.badges:
            await asyncio.sleep(order.amount)
            return Answer("")
        phase = Phase(order.word)
        worn = [self._bench.worn[number] for number in order.badges]
        came = await asyncio.gather(*(until_it_says(each, phase, WAIT_S) for each in worn))
        late = [each.number for each, in_time in zip(worn, came, strict=True) if not in_time]
        if late:
            return Answer(f"{_names(late)}: not {phase} within {WAIT_S:.0f} s", failed=True)
        return Answer(f"{_names(list(order.badges))}: {phase}")

    @staticmethod
    def _need_power(worn: Worn) -> None:
        if not worn.badge.on:
            raise OrderError("is off; its battery goes in with: on")

    def _press(self, worn: Worn, order: Order) -> str:
        self._need_power(worn)
        times = int(order.amount)
        worn.press(times)
        return "pressed" if times == 1 else f"pressed {times} times"

    def _hold(self, worn: Worn, _: Order) -> str:
        self._need_power(worn)
        worn.hold()
        return "the button is held"

    def _fall(self, worn: Worn, _: Order) -> str:
        self._need_power(worn)
        worn.fall()
        return "walks for 20 s, and falls"

    def _walk(self, worn: Worn, order: Order) -> str:
        worn.walk(order.amount)
        self._bench.field.put(worn.name, order.amount)
        return f"{order.amount:g} m from the hub, {self._bench.field.level_dbm(worn.name):.0f} dBm"

    def _battery(self, worn: Worn, order: Order) -> str:
        worn.set_cell(order.amount)
        return f"its cell has {order.amount:g} V; the badge measures it once a minute"

    def _charge(self, worn: Worn, order: Order) -> str:
        plugged = order.word == "on"
        worn.charge(plugged=plugged)
        return "on its charger" if plugged else "off its charger"

    def _break(self, worn: Worn, order: Order) -> str:
        if order.word == "crash":
            self._need_power(worn)
        worn.break_part(order.word)
        return "crashes, when it is awake" if order.word == "crash" else f"broken: {order.word}"

    def _mend(self, worn: Worn, order: Order) -> str:
        worn.mend(order.word)
        return f"broken: {', '.join(sorted(worn.broken))}" if worn.broken else "in order"

    def _off(self, worn: Worn, _: Order) -> str:
        worn.power_off()
        return "its battery is out"

    def _on(self, worn: Worn, _: Order) -> str:
        worn.power_on()
        return "its battery is in"


def help_table() -> Table:
    """Every order, and what it does."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for verb in VERBS.values():
        table.add_row(verb.usage, verb.about)
    table.add_row("", "instead of 3 also 1-5, 1,4,7 or all")
    return table


def badges_table(bench: Bench) -> Table:
    """Every badge: who wears it, what it is and says, and how it is heard."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("badge", "wearer", "is", "says", "battery", "from hub", "heard"):
        table.add_column(name, no_wrap=True)
    table.add_column("hand felt")
    table.add_column("broken")
    now_s = asyncio.get_running_loop().time()
    for worn in bench.worn.values():
        metres, level_dbm = bench.field.metres(worn.name), bench.field.level_dbm(worn.name)
        heard = "never" if worn.heard_s is None else f"{now_s - worn.heard_s:.0f} s ago"
        table.add_row(
            *(str(worn.number), worn.wearer, f"[{_STATES[worn.state]}]{worn.state}[/]"),
            *(str(worn.saying) if worn.badge.on else "", _battery_cell(worn)),
            *(f"{metres:g} m, {level_dbm:.0f} dBm", heard, worn.felt),
            ", ".join(sorted(worn.broken)),
        )
    return table


def _battery_cell(worn: Worn) -> str:
    report = worn.report
    if report is None or report.battery is None:
        return "?"
    return f"{report.battery} %{', charging' if report.charging else ''}"


def _names(numbers: list[int]) -> str:
    """`badge 3`, or `badges 1-5, 7`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    text = ", ".join(f"{low}-{high}" if high > low else str(low) for low, high in spans)
    return f"badge{'s' if len(numbers) > 1 else ''} {text}"
