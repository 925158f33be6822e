"""The chips that a badge may have on its I2C bus, by the names that the simulator uses."""

import _accelerometer
import _axp

_MODELS = {
    "axp192": _axp.Axp192,
    "axp2101": _axp.Axp2101,
    "lis2dw12": _accelerometer.Lis2dw12,
    "lis3dh": _accelerometer.Lis3dh,
}


def make(name: str):
    return _MODELS[name]()
