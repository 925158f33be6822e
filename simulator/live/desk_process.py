"""A desk whose clock can be set: `python -m simulator.live.desk_process CONFIG`.

desk.app unchanged. Beside CONFIG lies a file with the ending `.clock` that says by how many
milliseconds the machine's clock is off, which may change at any time.
"""

import asyncio
import sys
from pathlib import Path

from desk.app import Desk, since_boot_ms
from desk.config import load_config
from gateway.host.log import log_to_stderr
from simulator.gateway_process import clock_ms


def main(config: Path) -> None:
    """Runs the desk until it is killed."""
    clock = config.with_suffix(".clock")
    desk = Desk(load_config(config), clock=lambda: clock_ms(clock), steady=since_boot_ms)
    asyncio.run(desk.run())


if __name__ == "__main__":
    log_to_stderr()
    main(Path(sys.argv[1]))
