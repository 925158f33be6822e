"""What the desk shows over its control socket, in the words of a run's log; and how to ask it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from desk.client import ControlClient
from desk.lines import AskAcknowledge, AskResolve, Told
from desk.links import DeskView
from gateway.contract.messages import AlertRecord
from simulator.lockstep.desk_host import waits
from simulator.lockstep.log import Log

MINUTES_UNTIL_HELP = 5


class Console:
    """A watcher. on_told: before anything is noted; on_record: each record that is shown."""

    def __init__(
        self,
        control: Path,
        log: Log,
        *,
        on_told: Callable[[], None],
        on_record: Callable[[AlertRecord], None],
    ) -> None:
        self._log = log
        self._on_told = on_told
        self._on_record = on_record
        self._shown: dict[str, tuple[object, ...]] = {}
        self._seen: tuple[object, ...] = ()
        self._linked = False
        self._client = ControlClient(control, on_told=self._told, on_link=self._link)
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watches from now on."""
        self._watching = asyncio.create_task(self._client.run())

    def close(self) -> None:
        """Watches no more."""
        if self._watching is not None:
            self._watching.cancel()

    def ask(self, what: str, alert: str, by: str) -> bool:
        """Acknowledges or resolves an alert as somebody; False when the desk is away."""
        if what == "acknowledge":
            return self._client.ask(AskAcknowledge(alert, by, MINUTES_UNTIL_HELP))
        return self._client.ask(AskResolve(alert, by))

    def _told(self, told: Told) -> None:
        self._on_told()
        if told.alert is not None:
            self._show(told.alert)
        if told.desk is not None:
            self._see(told.desk)

    def _show(self, record: AlertRecord) -> None:
        shown = (record.kind, record.phase, waits(record), record.warnings)
        if self._shown.get(record.alert) != shown:
            self._shown[record.alert] = shown
            self._log.note(
                "desk", "shows", alert=record.alert, kind=record.kind.value,
                phase=record.phase.value, waits=waits(record), warnings=record.warnings,
            )  # fmt: skip
        self._on_record(record)

    def _see(self, view: DeskView) -> None:
        gateways = {one.gateway: one.state for one in view.gateways}
        warned = {one.gateway: one.warnings for one in view.gateways if one.warnings}
        silent = [one.badge for one in view.silent]
        self._link_is(up=view.broker)
        seen = (view.broker, gateways, warned, silent)
        if seen != self._seen:
            self._seen = seen
            self._log.note(
                "desk", "sees", broker=view.broker, gateways=gateways, warned=warned, silent=silent
            )

    def _link(self, up: bool, _reason: str) -> None:
        if not up:
            self._link_is(up=False)

    def _link_is(self, *, up: bool) -> None:
        if up != self._linked:
            self._linked = up
            self._log.note("desk", "link", up=up)
