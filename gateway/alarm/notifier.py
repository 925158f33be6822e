"""Carries calls to their targets: each on its own, again and again until it takes it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog

from gateway.alarm.case import Key
from gateway.contract.line import Line, Recipient
from gateway.contract.words import Words
from gateway.steps import Call, Called, CallOff

ATTEMPT_S = 20.0
RETRY_FIRST_S = 2.0
RETRY_MAX_S = 60.0
_TRIES_OF_CALL_OFF = 5


class Notifier:
    """Calls targets side by side; those that fail are tried again, ever more slowly.

    post(called): an outcome; comes after the first attempts, whenever more were
    reached, and at the end. Times in seconds: an attempt that takes longer than
    attempt_s has failed.
    """

    def __init__(
        self,
        targets: Sequence[Recipient],
        *,
        post: Callable[[Called], None],
        log: structlog.typing.FilteringBoundLogger,
        attempt_s: float = ATTEMPT_S,
        retry_s: float = RETRY_FIRST_S,
    ) -> None:
        self._lines = tuple(Line(target, attempt_s) for target in targets)
        self._post = post
        self._log = log
        self._retry_s = retry_s
        self._orders: asyncio.Queue[Call | CallOff] = asyncio.Queue()
        self._rounds: dict[Key, _Round] = {}

    async def run(self) -> None:
        """Carry out what was ordered, until cancelled."""
        try:
            async with asyncio.TaskGroup() as rounds:
                while True:
                    order = await self._orders.get()
                    rounds.create_task(self._carry_out(order))
        finally:
            self.close()

    def close(self) -> None:
        """Try nothing more; what is being sent goes on in its thread."""
        for line in self._lines:
            line.close()

    def order(self, order: Call | CallOff) -> None:
        """Call, in place of any earlier call of the event; or stop, and tell who was reached."""
        self._orders.put_nowait(order)

    async def try_all(self, words: Words) -> tuple[tuple[Recipient, bool], ...]:
        """One attempt at each target: who took it."""
        took = await self._attempt(self._lines, words)
        return tuple((line.target, line in took) for line in self._lines)

    async def _carry_out(self, order: Call | CallOff) -> None:
        key = (order.badge, order.event)
        before = self._rounds.get(key)
        # At once: whatever is ordered while this one waits must find it, and come after it.
        current = self._rounds[key] = _Round()
        if before is not None:
            before.over.set()
            await before.done.wait()
        current.told = self._told(before, order)
        try:
            await self._do(order, current)
        finally:
            current.done.set()
        if isinstance(order, CallOff) and self._rounds[key] is current:
            del self._rounds[key]

    def _told(self, before: "_Round | None", order: Call | CallOff) -> frozenset[Line]:
        """Who knows of the event."""
        if before is not None:
            return before.told
        # Otherwise an earlier run of the gateway called: perhaps all of them.
        first = isinstance(order, Call) and order.call == 1
        return frozenset() if first else frozenset(self._lines)

    async def _do(self, order: Call | CallOff, current: "_Round") -> None:
        if isinstance(order, CallOff):
            await self._call_off(order, current)
        elif current.over.is_set():
            self._tell(order, current, last=True)
        else:
            await self._call(order, current)

    async def _call(self, call: Call, current: "_Round") -> None:
        left = self._lines
        for pause_s in _pauses(self._retry_s):
            took = await self._attempt(left, call.words)
            left = tuple(line for line in left if line not in took)
            if took or not current.tried:
                self._log_outcome(call, current, left)
            current.tried, current.reached = True, current.reached + len(took)
            current.told |= frozenset(took)
            over = not left or current.over.is_set()
            self._tell(call, current, last=over)
            if over:
                break
            if await current.ends_within(pause_s):
                self._tell(call, current, last=True)
                break

    def _tell(self, call: Call, current: "_Round", *, last: bool) -> None:
        self._post(Called(call.badge, call.event, call.call, current.reached, last))

    async def _call_off(self, order: CallOff, current: "_Round") -> None:
        left = tuple(line for line in self._lines if line in current.told)
        for _, pause_s in zip(range(_TRIES_OF_CALL_OFF), _pauses(self._retry_s), strict=False):
            took = await self._attempt(left, order.words)
            left = tuple(line for line in left if line not in took)
            if not left or await current.ends_within(pause_s):
                return
        self._log.warning("alarm.not_called_off", lines=[line.target.line for line in left])

    async def _attempt(self, lines: Sequence[Line], words: Words) -> tuple[Line, ...]:
        took = await asyncio.gather(*(line.send(words) for line in lines))
        return tuple(line for line, taken in zip(lines, took, strict=True) if taken)

    def _log_outcome(self, call: Call, current: "_Round", left: Sequence[Line]) -> None:
        self._log.warning(
            "alarm.called",
            alert=f"{call.badge}-{call.event}",
            call=call.call,
            reached=len(self._lines) - len(left),
            failed=[f"line {line.target.line} ({line.target.scheme})" for line in left],
        )


class _Round:
    """One order while it is carried out; told: who knows of the event, from earlier ones too."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.done = asyncio.Event()
        self.tried = False
        self.reached = 0
        self.told: frozenset[Line] = frozenset()

    async def ends_within(self, pause_s: float) -> bool:
        try:
            async with asyncio.timeout(pause_s):
                await self.over.wait()
        except TimeoutError:
            return False
        return True


def _pauses(first_s: float) -> Iterable[float]:
    while True:
        yield first_s
        first_s = min(RETRY_MAX_S, 2 * first_s)
