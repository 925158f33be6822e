"""A gateway in a process of its own, as on a hub; its Bluetooth is a radio of the simulator.

`python -m simulator.gateway_process CONFIG HCI_SOCKET`: gateway.app and gateway.radio.bleak
unchanged, bleak given Bumble as its backend.
"""

import asyncio
import sys
from pathlib import Path

from gateway.__main__ import log_to_stderr, until_stopped
from gateway.app import Gateway
from gateway.config import load_config
from gateway.radio.bleak import BleakRadio
from gateway.registry import load_registry
from simulator.bleak_backend import backends, open_host

CONNECTION_INTERVAL_MS = 7.5  # the shortest that Bluetooth has: an answer should not wait


async def serve(config_path: Path, hci_socket: str) -> None:
    """Run the gateway until it is told to stop."""
    config = load_config(config_path)
    async with open_host(hci_socket, config.name) as device:
        scanner, client = backends(device, interval_ms=CONNECTION_INTERVAL_MS)
        radio = BleakRadio(config.company, scanner, client, silence_s=config.radio.silence_s)
        gateway = Gateway(config, load_registry(Path(config.registry)), radio)
        try:
            await until_stopped(gateway)
        finally:
            gateway.close()


if __name__ == "__main__":
    log_to_stderr()
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
