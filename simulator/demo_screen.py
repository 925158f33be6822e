"""The demo's screen: the chain above, the press on its way, the supervisors' list below."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Static

from badge.signals import GAP_MS, LONG_MS, NAMES, VIBRATION
from desk.table import AlertTable
from simulator.conductor import NUMBER, Conductor, now_ms
from simulator.errors import SimulatorError
from simulator.journey import Journey
from simulator.journey_table import journey_table

_REDRAW_S = 0.2
_UP, _DOWN = "#87d787", "#ff5f5f"

_MEANS = {
    "recognised": "recognised, or heard by a gateway",
    "delivered": "the desk has it",
    "acknowledged": "a person is on it",
    "resolved": "it is over",
    "failed": "nobody answered",
    "pending": "about to ring: press to cancel",
    "attention": "somebody wants your attention",
    "reminder": "your visit is about to end",
}


class DemoScreen(App[None]):
    """Drives a conductor by keys."""

    TITLE = "Tocsin"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #chain { height: 4; }
    .part { width: 1fr; height: 4; border: round $primary; padding: 0 1; }
    #journey { height: auto; padding: 0 1; }
    #felt { height: 2; padding: 0 1; }
    AlertTable { height: 1fr; border-top: solid $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("h", "hold", "Hold: help!"),
        ("p", "press(1)", "Press: test"),
        ("d", "press(2)", "Double: check in"),
        ("a", "acknowledge", "Acknowledge"),
        ("r", "resolve", "Resolve"),
        ("g", "gateway", "Gateway -9/start"),
        ("b", "broker", "Broker off/on"),
        ("q", "quit", "Quit"),
    ]

    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor
        self._up = False
        self._end = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Five parts of the chain, the journey, what the hand feels, the desk's list."""
        with Horizontal(id="chain"):
            for part in ("badge", "air", "gateway", "broker", "desk"):
                yield Static(id=part, classes="part")
        yield Static(id="journey")
        yield Static(id="felt")
        yield AlertTable(id="alerts")
        yield Footer()

    def on_mount(self) -> None:
        """Start the chain behind the screen."""
        self.query_one("#journey", Static).update("Starting badge, air, gateway, broker, desk ...")
        self.run_worker(self._run_chain(), exclusive=True)
        self.set_interval(_REDRAW_S, self._draw)

    async def on_unmount(self) -> None:
        """Let the chain end."""
        self._end.set()

    def action_hold(self) -> None:
        """Call for help."""
        self._act(self._conductor.hold)

    def action_press(self, times: int) -> None:
        """Press so many times."""
        self._act(lambda: self._conductor.press(times))

    def action_acknowledge(self) -> None:
        """Take the alert."""
        self._act(lambda: self._ask(self._conductor.acknowledge()))

    def action_resolve(self) -> None:
        """End the alert."""
        self._act(lambda: self._ask(self._conductor.resolve()))

    async def action_gateway(self) -> None:
        """Kill or start the gateway."""
        if self._up:
            await self._conductor.toggle_gateway()

    async def action_broker(self) -> None:
        """Stop or start the broker."""
        if self._up and self._conductor.chain.broker is None:
            self.notify("The broker is not the demo's: take it away yourself.", severity="warning")
        elif self._up:
            await self._conductor.toggle_broker()

    def _act(self, act: Callable[[], object]) -> None:
        if self._up:
            act()
        else:
            self.notify("Still starting.")

    def _ask(self, sent: bool) -> None:
        if not sent:
            self.notify("There is no alert at the desk yet.", severity="warning")

    async def _run_chain(self) -> None:
        try:
            async with self._conductor:
                self._up = True
                self.query_one("#journey", Static).update("Everything is up. Hold the button: h")
                await self._end.wait()
        except SimulatorError as error:
            self.exit(return_code=1, message=str(error))

    def _draw(self) -> None:
        if not self._up:
            return
        if self._conductor.refused:
            self.notify(self._conductor.refused, severity="error")
            self._conductor.refused = ""
        self._draw_chain()
        journey = self._conductor.journey
        if journey is not None:
            self.query_one("#journey", Static).update(journey_table(journey))
            self.query_one("#felt", Static).update(felt_text(journey))
        self.query_one(AlertTable).show(self._conductor.records.values(), now_ms())

    def _draw_chain(self) -> None:
        chain, view = self._conductor.chain, self._conductor.view
        (gateway,) = chain.gateways.values()
        counters = chain.air.counters
        states = {g.gateway: g.state for g in view.gateways} if view and view.broker else {}
        told = states.get(gateway.name, "nothing, no broker")
        broker_up = chain.broker is None or chain.broker.running
        self._part("badge", chain.badges[NUMBER].on, chain.fleet.wearer(NUMBER))
        self._part("air", True, f"{100 * chain.air.loss:.0f}% lost, {counters.sent} sent")
        self._part("gateway", gateway.running, f"desk says: {told}")
        self._part("broker", broker_up, "amqtt" if chain.broker else chain.broker_url)
        watching = f"{view.supervisors} watching" if view else "no word yet"
        self._part("desk", chain.desk.running, watching)

    def _part(self, name: str, up: bool, detail: str) -> None:
        state = Text.assemble((f"● {name}", _UP if up else _DOWN), "\n", (detail, "dim"))
        self.query_one(f"#{name}", Static).update(state)


def felt_text(journey: Journey) -> Text:
    """The latest pattern, and what it means."""
    shown = Text("The hand feels  ", style="bold")
    if journey.felt and journey.felt[-1].names:
        name = journey.felt[-1].names[0]
        shown.append(_pulses(name), style="#ffd75f")
        shown.append(f"  {_MEANS.get(name, name)}")
    elif journey.felt:
        shown.append("what is no pattern: this machine was too busy to play it", style="dim")
    return shown


def _pulses(name: str) -> str:
    pattern = VIBRATION[NAMES.index(name)]
    words = []
    for at, duration_ms in enumerate(pattern):
        if at % 2:
            words.append("   " if duration_ms > GAP_MS else " ")
        else:
            words.append("▂▂▂▂▂" if duration_ms >= LONG_MS else "▂")
    return "".join(words)
