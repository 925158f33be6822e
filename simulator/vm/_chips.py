"""The chips that a badge may have on its I2C bus, by the names that the simulator uses."""

import _accelerometer
import _axp
import _gauge

_MODELS = {
    "axp192": _axp.Axp192,
    "axp2101": _axp.Axp2101,
    "drv2605l": _gauge.Drv2605l,
    "lis2dw12": _accelerometer.Lis2dw12,
    "lis3dh": _accelerometer.Lis3dh,
    "max17048": _gauge.Max17048,
}


def make(name: str):
    return _MODELS[name]()
