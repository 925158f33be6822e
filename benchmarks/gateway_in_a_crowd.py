"""Our gateway in a process of its own, with a crowd in range: `latency` or `memory`.

`python -m benchmarks.gateway_in_a_crowd latency FOLDER BADGES` feeds heartbeats at the
rate of real badges, presses some of them, and prints for each press badge, event and the
time at which it was heard (unix ns). `... memory FOLDER BADGES` lets an hour of heartbeats
pass in virtual time and prints the bytes resident before and after.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from benchmarks.crowd import Crowd
from gateway.app import Gateway
from gateway.config import load_config
from gateway.errors import RadioError
from gateway.radio import Advert, Connection, Listener, RadioCondition

NAME = "bench"
HEARTBEAT_S = 60.0
BURST = 3
PRESSES = 100
PRESS_EVERY_S = 0.1
TURN_S = 0.01
HOUR_S = 3600


class CrowdRadio:
    """Hears a crowd. `tell` is called with badge, event and unix ns as a press is heard."""

    def __init__(self, crowd: Crowd, badges: int, tell: Callable[[int, int, int], None]) -> None:
        self._crowd = crowd
        self._badges = badges
        self._tell = tell
        self._rng = random.Random(1)
        self.listener: Listener | None = None
        self.ready = asyncio.Event()

    async def run(self, listener: Listener) -> None:
        listener.condition(NAME, RadioCondition("scanning"))
        self.listener = listener
        self.ready.set()
        await asyncio.Event().wait()

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        raise RadioError(f"{address}: nobody answers on a bench")

    async def rescan(self, radio: str) -> None:
        return

    async def reset(self, radio: str) -> None:
        return

    def hear(self, frame: bytes) -> None:
        """One advertisement, as a radio delivers it."""
        assert self.listener is not None
        self.listener.advert(Advert("C0:00:00:00:00:01", -60, frame, radio=NAME))

    async def live(self) -> None:
        """Heartbeats as they come, and a press now and then."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        beats, said, pressed = iter(self._crowd.heartbeats()), 0, 0
        while pressed < PRESSES:
            await asyncio.sleep(TURN_S)
            passed_s = loop.time() - began
            while said < passed_s * self._badges / HEARTBEAT_S:
                frame = next(beats, None)
                if frame is None:
                    beats = iter(self._crowd.heartbeats())
                    continue
                for _ in range(BURST):
                    self.hear(frame)
                said += 1
            if passed_s > pressed * PRESS_EVERY_S:
                pressed += 1
                self._press(pressed)

    def _press(self, turn: int) -> None:
        number = self._rng.randint(1, self._badges)
        frame = self._crowd.press(number, turn)
        self._tell(number, turn, time.time_ns())
        self.hear(frame)

    async def hour(self, pass_ms: Callable[[int], None], depth: Callable[[], int]) -> None:
        """An hour of heartbeats. Each minute's are sent before the next begins, as in real time."""
        for _ in range(int(HOUR_S / HEARTBEAT_S)):
            for at, frame in enumerate(self._crowd.heartbeats()):
                for _ in range(BURST):
                    self.hear(frame)
                if at % 100 == 0:
                    pass_ms(round(100 * HEARTBEAT_S * 1000 / self._badges))
                    await asyncio.sleep(0)
            while depth():  # noqa: ASYNC110 - an event would be one more thing to measure
                await asyncio.sleep(0.001)


async def main(what: str, folder: Path, badges: int) -> None:
    """Run one of the two."""
    crowd = Crowd(badges)
    clock = [time.time_ns() // 1_000_000]
    radio = CrowdRadio(crowd, badges, lambda *told: print(*told, flush=True))
    now_ms = (lambda: clock[0]) if what == "memory" else None
    gateway = Gateway(load_config(folder / "gateway.toml"), crowd.registry, radio, now_ms=now_ms)
    running = asyncio.create_task(gateway.run())
    await radio.ready.wait()
    if what == "memory":
        before = resident_bytes()

        def pass_ms(ms: int) -> None:
            clock[0] += ms

        await radio.hour(pass_ms, lambda: gateway.depth)
        print(before, resident_bytes(), flush=True)
    else:
        await radio.live()
        print("done", flush=True)
        await asyncio.Event().wait()  # until the other side has all of them, and ends this
    running.cancel()
    await asyncio.wait((running,))
    gateway.close()


def resident_bytes() -> int:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=open(os.devnull, "w")))  # noqa: SIM115
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
