"""`tocsin-desk watch`: the supervisors' terminal view of alerts; it rings, and answers."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Static

from desk.cells import age, details
from desk.client import ControlClient
from desk.duty import panel
from desk.lines import Ask, AskLook, Told
from desk.links import DeskView
from desk.prompts import AcknowledgePrompt, DetailsScreen, ResolvePrompt, VisitPrompt
from desk.table import AlertTable
from desk.urgency import Urgency, urgency
from gateway.contract.messages import AlertRecord

TICK_S = 1.0
BELL_S = 2.0
_LINK_COLOURS = {"online": "#87d787", "deaf": "#ffd75f", "silent": "#ffd75f", "offline": "#ff5f5f"}


class WatchApp(App[None]):
    """Shows what the desk at `socket` tells; acts in the name of `name`. clock: unix ms."""

    TITLE = "Tocsin"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #links { height: 1; background: $panel; padding: 0 1; }
    #lost { display: none; height: 3; content-align: center middle; text-style: bold;
            background: #af0000; color: white; }
    #lost.-away { display: block; }
    #calls { height: 1; padding: 0 1; }
    AlertTable { height: 1fr; min-height: 5; }
    #duty { height: auto; max-height: 12; background: $panel; padding: 0 1; }
    #duty.-empty { display: none; }
    ModalScreen { align: center middle; }
    .prompt { width: 70; max-width: 95%; height: auto; padding: 1 2; border: round $warning;
              background: $surface; }
    .details { width: 76; max-width: 98%; height: auto; max-height: 95%; padding: 0 2;
               border: round $primary; background: $surface; }
    .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("a", "acknowledge", "Acknowledge"),
        ("r", "resolve", "Resolve"),
        ("v", "visit", "Visit"),
        ("q", "quit", "Quit"),
    ]

    def __init__(
        self, socket: Path, name: str, clock: Callable[[], int], *, bell_s: float = BELL_S
    ) -> None:
        super().__init__()
        self._by = name
        self._clock = clock
        self._bell_s = bell_s
        self._client = ControlClient(socket, on_told=self._hear, on_link=self._link)
        self._records: dict[str, AlertRecord] = {}
        self._snapshot: dict[str, AlertRecord] | None = None
        self._view: DeskView | None = None
        self._away = "connecting"

    def compose(self) -> ComposeResult:
        """Links above, alerts below, keys at the bottom."""
        yield Static(id="links")
        yield Static(id="lost", markup=False)
        yield Static(id="calls")
        yield AlertTable(id="alerts")
        yield Static(id="duty")
        yield Footer()

    def on_mount(self) -> None:
        """Connect, and let ages and the bell go on."""
        self.query_one(AlertTable).focus()
        self.set_interval(TICK_S, self._draw)
        self.set_interval(self._bell_s, self._ring)
        self.run_worker(self._client.run(), exclusive=True)
        self._draw()

    def action_acknowledge(self) -> None:
        """Ask for the minutes, then take the alert under the cursor."""
        if record := self.query_one(AlertTable).selected:
            self.push_screen(AcknowledgePrompt(record.alert, record.wearer, self._by), self._ask)

    def action_resolve(self) -> None:
        """Ask, then resolve the alert under the cursor."""
        if record := self.query_one(AlertTable).selected:
            self.push_screen(ResolvePrompt(record.alert, record.wearer, self._by), self._ask)

    def action_visit(self) -> None:
        """Ask when the visit of the badge under the cursor must be over."""
        if record := self.query_one(AlertTable).selected:
            self.push_screen(VisitPrompt(record.badge, record.wearer, self._by), self._ask)

    def on_data_table_row_selected(self) -> None:
        """Show all about the alert under the cursor; that is kept in the audit trail."""
        if record := self.query_one(AlertTable).selected:
            self._client.ask(AskLook(alert=record.alert, by=self._by))
            self.push_screen(DetailsScreen(details(record, self._clock())))

    def _ask(self, ask: Ask | None) -> None:
        if ask is not None and not self._client.ask(ask):
            self.notify("The desk is away: not sent. Try again.", severity="error")

    def _hear(self, told: Told) -> None:
        if told.alert is not None:
            arriving = self._records if self._snapshot is None else self._snapshot
            arriving[told.alert.alert] = told.alert
        if told.gone is not None:
            self._records.pop(told.gone, None)
        if told.error is not None:
            self.notify(told.error, severity="error", timeout=8, markup=False)
        if told.desk is not None:
            self._take_view(told.desk)
        self._draw()

    def _take_view(self, view: DeskView) -> None:
        # The first one after a connection ends the snapshot: until then the old list stays.
        self._view = view
        if self._snapshot is not None:
            self._records, self._snapshot = self._snapshot, None

    def _link(self, up: bool, reason: str) -> None:
        was_away, self._away = self._away, "" if up else reason
        self._view = None
        if up:
            self._snapshot = {}
            self._client.ask(AskLook(alert="*", by=self._by))
        elif not was_away:
            self.bell()
        self._draw()

    def _draw(self) -> None:
        if not self.screen_stack or not self.screen_stack[0].query("#lost"):
            return  # a last word of the desk while the view goes away
        now_ms = self._clock()
        lost = self.query_one("#lost", Static)
        lost.set_class(bool(self._away), "-away")
        lost.update(f"NO CONNECTION TO THE DESK - what you see may be old\n{self._away}")
        self.query_one("#links", Static).update(self._links(now_ms))
        self.query_one("#calls", Static).update(self._calls())
        told = panel(self._records.values(), self._view, now_ms)
        duty = self.query_one("#duty", Static)
        duty.set_class(not told, "-empty")
        duty.update(told)
        self.query_one(AlertTable).show(self._records.values(), now_ms)

    def _links(self, now_ms: int) -> Text:
        links = Text("TOCSIN  ", style="bold")
        links.append_text(_link("desk", "offline" if self._away else "online"))
        if self._view is None:
            return links
        links.append_text(_link("broker", "online" if self._view.broker else "offline"))
        for gateway in self._view.gateways:
            heard = f" {gateway.state} {age(now_ms - gateway.heard_ms)}"
            links.append_text(_link(gateway.gateway, gateway.state, heard))
            for warning in gateway.warnings:
                links.append(f"! {warning}  ", style="bold #ff5f5f")
        links.append(f"{self._view.supervisors} watching", style="dim")
        return links

    def _calls(self) -> Text:
        ringing = len(self._ringing())
        if not ringing:
            return Text("nobody waits for an answer", style="#87d787")
        noun = "alert waits" if ringing == 1 else "alerts wait"
        return Text(f" {ringing} {noun} for an answer: a = take it ", style="bold white on #af0000")

    def _ringing(self) -> list[AlertRecord]:
        return [one for one in self._records.values() if urgency(one) is Urgency.RINGING]

    def _ring(self) -> None:
        if self._ringing():
            self.bell()


def _link(name: str, state: str, told: str = "") -> Text:
    return Text.assemble((f"● {name}{told}", _LINK_COLOURS[state]), "  ")
