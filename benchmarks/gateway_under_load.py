"""Our gateway in a process of its own, on one core, fed presses as fast as it takes them.

`python -m benchmarks.gateway_under_load FOLDER PRESSES`: FOLDER holds gateway.toml.
Prints the seconds from the first advertisement to the last PUBACK.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from benchmarks.one_core import stay_on_one_core
from gateway.app import Gateway
from gateway.config import load_config
from gateway.errors import RadioError
from gateway.keys import block_cipher, mask_key, seal_key
from gateway.radio import Advert, Connection, Listener, RadioCondition
from gateway.registry import Registry, load_registry
from wire.frame import KIND_SOS, PHASE_RAISED, Report, encode_report
from wire.seal import seal_frame

NAME = "bench"
BATCH = 100
#: Not more rows wait for their PUBACK: what is measured is what can be kept up.
AHEAD = 1000


class Press:
    """A radio that hears one press after another, each of them once."""

    def __init__(self, frames: list[bytes], depth: Callable[[], int]) -> None:
        self._frames = frames
        self._depth = depth
        self.seconds: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def run(self, listener: Listener) -> None:
        listener.condition(NAME, RadioCondition("scanning"))
        began = time.perf_counter()
        for start in range(0, len(self._frames), BATCH):
            for frame in self._frames[start : start + BATCH]:
                listener.advert(Advert("C0:00:00:00:00:01", -60, frame, radio=NAME))
            await self.until_at_most(AHEAD)
        await self.until_at_most(0)
        self.seconds.set_result(time.perf_counter() - began)
        await asyncio.Event().wait()

    async def until_at_most(self, rows: int) -> None:
        """Let the gateway work until no more than so many rows wait for their PUBACK."""
        await asyncio.sleep(0)
        while self._depth() > rows:  # noqa: ASYNC110 - an event would be one more thing to measure
            await asyncio.sleep(0)

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        raise RadioError(f"{address}: nobody answers on a bench")

    async def rescan(self, radio: str) -> None:
        return

    async def reset(self, radio: str) -> None:
        return


def presses(registry: Registry, count: int) -> list[bytes]:
    """Frames of all badges in turn, each with one alert open, of which every frame tells anew."""
    mask = block_cipher(mask_key(bytes.fromhex(registry.fleet_keys[0].key)))
    keys = registry.badge_key_bytes()
    ciphers = {number: block_cipher(seal_key(key)) for number, key in keys.items()}
    numbers = list(ciphers)
    report = encode_report(Report(kind=KIND_SOS, phase=PHASE_RAISED, event=1, battery=80))
    frames = []
    for index in range(count):
        number, counter = numbers[index % len(numbers)], index // len(numbers) + 1
        frames.append(seal_frame(mask, ciphers[number], registry.epoch, number, counter, report))
    return frames


async def main(folder: Path, count: int) -> None:
    """Run until every press is acknowledged by the broker."""
    config = load_config(folder / "gateway.toml")
    registry = load_registry(Path(config.registry))
    radio = Press(presses(registry, count), lambda: gateway.depth)
    gateway = Gateway(config, registry, radio)
    running = asyncio.create_task(gateway.run())
    print(await radio.seconds, flush=True)
    running.cancel()
    await asyncio.wait((running,))
    gateway.close()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=open(os.devnull, "w")))  # noqa: SIM115
    stay_on_one_core()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
