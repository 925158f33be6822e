"""Theengs Gateway, a Bluetooth to MQTT gateway of others, as it comes from PyPI."""

import asyncio
import json
import warnings
from functools import partial

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its, of bleak's names
    from TheengsGateway import ble_gateway
    from TheengsGateway.config import DEFAULT_CONFIG

TOPIC = DEFAULT_CONFIG["publish_topic"]
STATE_TOPIC = DEFAULT_CONFIG["lwt_topic"]


def gateway(keys: dict[str, bytes], **options: object) -> ble_gateway.Gateway:
    """As shipped, but for the keys of its buttons and these options."""
    bindkeys = {address: key.hex() for address, key in keys.items()}
    return ble_gateway.Gateway(
        {**DEFAULT_CONFIG, "discovery": 0, "gateway_id": "peer", "bindkeys": bindkeys, **options}
    )


def scan_with(backend: type[BaseBleakScanner], patch: pytest.MonkeyPatch) -> None:
    """Let its scan loop use this radio."""
    patch.setattr(ble_gateway, "BleakScanner", partial(BleakScanner, backend=backend))


def hears(peer: ble_gateway.Gateway, address: str, service_data: bytes) -> None:
    """Its callback for advertisements."""
    uuid = "0000fcd2-0000-1000-8000-00805f9b34fb"
    told = AdvertisementData(None, {}, {uuid: service_data}, [], None, -60, ())
    peer.detection_callback(BLEDevice(address, None, None), told)


class Wire:
    """In place of its MQTT client, for tests without a network: always connected."""

    def __init__(self) -> None:
        self.published: asyncio.Queue[dict] = asyncio.Queue()

    def is_connected(self) -> bool:
        return True

    def publish(self, _: str, payload: str, *__: object) -> tuple[int, int]:
        self.published.put_nowait(json.loads(payload))
        return (0, 0)
