"""A gateway in a process of its own, as on a hub; its Bluetooth is a radio of the simulator.

`python -m simulator.gateway_process CONFIG HCI_SOCKET CLOCK`: gateway.app and gateway.radio.bleak
unchanged, bleak given Bumble as its backend. CLOCK: a file that says by how many milliseconds
the hub's clock is off, which may change at any time.
"""

import asyncio
import sys
import time
from pathlib import Path

from gateway.app import Gateway
from gateway.config import load_config
from gateway.host.clocks import since_boot_ms
from gateway.host.log import log_to_stderr
from gateway.host.service import until_stopped
from gateway.radio.bleak import BleakRadio
from gateway.registry import load_registry
from simulator.bleak_backend import backends, open_host

CONNECTION_INTERVAL_MS = 7.5  # the shortest that Bluetooth has: an answer should not wait


async def serve(config_path: Path, hci_socket: str, clock: Path) -> None:
    """Run the gateway until it is told to stop."""
    config = load_config(config_path)
    log_to_stderr(config.log)
    async with open_host(hci_socket, config.name) as device:
        scanner, client = backends(device, interval_ms=CONNECTION_INTERVAL_MS)
        radio = BleakRadio(config.company, scanner, client)
        gateway = Gateway(
            config,
            load_registry(Path(config.registry)),
            radio,
            now_ms=lambda: clock_ms(clock),
            steady_ms=since_boot_ms,  # which nobody sets
        )
        try:
            await until_stopped(gateway, config.status)
        finally:
            gateway.close()


def clock_ms(off: Path) -> int:
    """The hub's clock, unix ms: the machine's, moved by what the file says."""
    return time.time_ns() // 1_000_000 + int(off.read_text())


def main() -> None:
    """Until it is stopped or killed."""
    log_to_stderr()
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))


if __name__ == "__main__":
    main()
