"""The peer in a process of its own, on one core: Theengs Gateway and encrypted BTHome presses.

`python -m benchmarks.theengs_under_load PORT PRESSES`. Its own callback for
advertisements is called, its own MQTT client publishes (QoS 0, which is all it has).
Prints the seconds from the first advertisement until its client has nothing left to send.
"""

import sys
import time

from bleak.backends.scanner import AdvertisementData
from TheengsGateway.ble_gateway import Gateway
from TheengsGateway.config import DEFAULT_CONFIG

from benchmarks.bthome_frames import KEY, presses
from benchmarks.one_core import stay_on_one_core

BUTTONS = 100


def main(port: int, count: int) -> None:
    """Connect, feed everything, and wait until it is sent."""
    told = presses(BUTTONS, count // BUTTONS)
    keys = {one.address: KEY.hex() for one in told}
    gateway = Gateway(
        {**DEFAULT_CONFIG, "host": "127.0.0.1", "port": port, "discovery": 0, "bindkeys": keys}
    )
    gateway.connect_mqtt()
    gateway.client.loop_start()
    while not gateway.client.is_connected():
        time.sleep(0.01)
    heard = [
        (one.device, AdvertisementData(None, {}, one.service_data, [], None, one.rssi, ()))
        for one in told
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
