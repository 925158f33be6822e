"""Calls the people whom the core names, through Apprise; decides nothing."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from desk.alert import Key
from desk.turns import Notified, Notify, StopNotify
from gateway.contract.errors import ContractError
from gateway.contract.line import Line
from gateway.contract.targets import read_targets
from gateway.contract.words import Words

ATTEMPT_S = 20.0
NO_WAY = "no way to be reached; tocsin-desk check tells why"
_KEY = "contacts.urls_file"


class Notifier:
    """Calls contacts side by side. contacts: name to the file with their Apprise URLs.

    post: takes the outcome of each call, in the event loop. A file is read with each
    call, so that a new address needs no restart. A way that hangs has failed after
    attempt_s seconds. What a file holds is in no log and no outcome.
    """

    def __init__(
        self,
        contacts: Mapping[str, str],
        *,
        post: Callable[[Notified], object],
        attempt_s: float = ATTEMPT_S,
    ) -> None:
        self._contacts = contacts
        self._post = post
        self._attempt_s = attempt_s
        self._orders: asyncio.Queue[Notify | StopNotify] = asyncio.Queue()
        self._calls: dict[Key, set[asyncio.Task[None]]] = {}
        self._lines: dict[str, tuple[Line, ...]] = {}
        self._log = structlog.get_logger("desk")

    def order(self, order: Notify | StopNotify) -> None:
        """Call somebody; or call nobody any more, and tell those who were called."""
        self._orders.put_nowait(order)

    async def run(self) -> None:
        """Carry out what was ordered, until cancelled. Raises what `post` raises."""
        try:
            async with asyncio.TaskGroup() as calls:
                while True:
                    order = await self._orders.get()
                    if isinstance(order, StopNotify):
                        self._stop(order.alert)
                        calls.create_task(self._tell(order))
                    else:
                        self._note(order.alert, calls.create_task(self._call(order)))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            for lines in self._lines.values():
                _close(lines)

    def _note(self, alert: Key, call: asyncio.Task[None]) -> None:
        self._calls.setdefault(alert, set()).add(call)
        call.add_done_callback(lambda done: self._forget(alert, done))

    def _forget(self, alert: Key, call: asyncio.Task[None]) -> None:
        calls = self._calls.get(alert, set())
        calls.discard(call)
        if not calls:
            self._calls.pop(alert, None)

    def _stop(self, alert: Key) -> None:
        for call in self._calls.pop(alert, set()):
            call.cancel()

    async def _call(self, order: Notify) -> None:
        ok, reason = await self._reach(order.contact, order.words)
        self._log.warning(
            "called", alert=str(order.alert), step=order.step, reached=ok, reason=reason
        )
        self._post(Notified(order.alert, order.contact, ok, reason))

    async def _tell(self, order: StopNotify) -> None:
        await asyncio.gather(*(self._reach(name, order.words) for name in order.contacts))

    async def _reach(self, contact: str, words: Words) -> tuple[bool, str]:
        """Whether anybody took it; and who did not."""
        lines = self._ways(contact)
        if not lines:
            return False, NO_WAY
        took = await asyncio.gather(*(line.send(words) for line in lines))
        failed = [line.target for line, taken in zip(lines, took, strict=True) if not taken]
        told = ", ".join(f"line {target.line} ({target.scheme})" for target in failed)
        return any(took), f"not taken by {told}" if told else ""

    def _ways(self, contact: str) -> tuple[Line, ...]:
        """The contact's ways as its file now says; with a thread that hangs kept where it was."""
        try:
            targets = read_targets(_KEY, self._contacts[contact])
        except (ContractError, KeyError):
            return ()
        old = self._lines.get(contact, ())
        if tuple(line.target for line in old) != targets:
            _close(old)
            self._lines[contact] = tuple(Line(target, self._attempt_s) for target in targets)
        return self._lines[contact]


def _close(lines: tuple[Line, ...]) -> None:
    for line in lines:
        line.close()
