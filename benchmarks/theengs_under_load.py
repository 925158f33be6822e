"""The peer in a process of its own, on one core: Theengs Gateway and encrypted BTHome presses.

`python -m benchmarks.theengs_under_load PORT PRESSES`. Its own callback for
advertisements is called, its own MQTT client publishes (QoS 0, which is all it has).
Prints the seconds from the first advertisement until its client has nothing left to send.
"""

import sys
import time

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from TheengsGateway.ble_gateway import Gateway
from TheengsGateway.config import DEFAULT_CONFIG

from benchmarks.one_core import stay_on_one_core
from gateway.bthome import UUID
from simulator.bthome_button import BthomeButton

BUTTONS = 100
KEY = bytes(range(16))
NAME = "SBBT-002C"  # by which the peer knows that a frame is to be opened


def main(port: int, count: int) -> None:
    """Connect, feed everything, and wait until it is sent."""
    buttons = [BthomeButton(f"C0:00:00:00:00:{n:02X}", KEY) for n in range(BUTTONS)]
    keys = {button.address: KEY.hex() for button in buttons}
    gateway = Gateway(
        {**DEFAULT_CONFIG, "host": "127.0.0.1", "port": port, "discovery": 0, "bindkeys": keys}
    )
    gateway.connect_mqtt()
    gateway.client.loop_start()
    while not gateway.client.is_connected():
        time.sleep(0.01)
    heard = [
        (
            BLEDevice(button.address, NAME, None),
            AdvertisementData(NAME, {}, {UUID: button.press()}, [], None, -60, ()),
        )
        for _ in range(count // BUTTONS)
        for button in buttons
    ]
    began = time.perf_counter()
    for device, advertisement in heard:
        gateway.detection_callback(device, advertisement)
    while gateway.client.want_write():
        time.sleep(0.001)
    print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    stay_on_one_core()
    main(int(sys.argv[1]), int(sys.argv[2]))
