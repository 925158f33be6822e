"""Adapters are switched off and on over D-Bus, here with a daemon of its own."""

from pathlib import Path

import pytest

from gateway.errors import RadioError
from gateway.radio.bluez import power_cycle
from simulator.bluez import Bluez


@pytest.mark.parametrize("powered", [True, False])
async def test_an_adapter_is_switched_off_and_on_and_no_other(tmp_path: Path, powered: bool):
    async with Bluez(tmp_path, {"hci0": True, "hci1": powered}) as bluez:
        await power_cycle("hci1", bus_address=bluez.address)
    assert [(name, on) for name, on in bluez.switched if on] == [("hci1", True)]
    assert {name for name, _ in bluez.switched} == {"hci1"}


async def test_without_a_name_all_adapters_are(tmp_path: Path):
    async with Bluez(tmp_path, {"hci0": True, "hci1": True}) as bluez:
        await power_cycle(None, bus_address=bluez.address)
    assert bluez.switched == [
        (name, powered) for name in ("hci0", "hci1") for powered in (False, True)
    ]


async def test_an_adapter_that_is_not_there_is_an_error_with_the_remedy(tmp_path: Path):
    async with Bluez(tmp_path, {}) as bluez:
        with pytest.raises(RadioError, match=r"hci7 cannot be switched off and on.*bluetoothd"):
            await power_cycle("hci7", bus_address=bluez.address)
        with pytest.raises(RadioError, match="there is no adapter"):
            await power_cycle(None, bus_address=bluez.address)


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "nonsense", ""])
async def test_a_host_without_d_bus_is_an_error(address: str):
    with pytest.raises(RadioError, match="cannot be switched off and on"):
        await power_cycle("hci0", bus_address=address)
