"""The radios that the configuration asks for, as one."""

import sys

from gateway.config import RadioOptions
from gateway.radio import Radio
from gateway.radio.bleak import BLUEZ_RENEW_S, BleakRadio, PowerCycle, cannot_be_reset
from gateway.radio.bluez import power_cycle
from gateway.radio.serial import Dongles, ports_at, usb_ports
from gateway.radio.several import Several


def configured(options: RadioOptions, company: int) -> Radio:
    """Adapters and dongles; company: whose manufacturer data are frames."""
    return Several((*_adapters(options, company), *_dongles(options, company)))


def _adapters(options: RadioOptions, company: int) -> tuple[Radio, ...]:
    return tuple(
        BleakRadio(
            company,
            adapter=adapter,
            mode=options.scanning_mode,
            renew_s=BLUEZ_RENEW_S if sys.platform == "linux" else None,
            power_cycle=_power_cycle(),
        )
        for adapter in options.all_adapters
    )


def _dongles(options: RadioOptions, company: int) -> tuple[Radio, ...]:
    if not options.dongles:
        return ()
    return (Dongles(company, ports_at(options.ports) if options.ports else usb_ports),)


def _power_cycle() -> PowerCycle:
    return power_cycle if sys.platform == "linux" else cannot_be_reset
