"""Somebody's telephone near every hub: so a hub knows that there is something to hear."""

from simulator.air import Air
from simulator.peripheral import Peripheral

_ADDRESS = "C0:00:00:00:00:02"
_SAYS = bytes.fromhex("02011a0aff4c001005011c2a3b4c")
_EVERY_US = 500_000


def telephone(air: Air) -> Peripheral:
    """Advertises until it is closed."""
    stranger = Peripheral(
        air, "stranger", _ADDRESS,
        on_connect=lambda _connection, _peer: None,
        on_disconnect=lambda _connection, _peer: None,
        on_write=lambda _connection, _handle, _value: None,
    )  # fmt: skip
    stranger.advertise(_EVERY_US, _SAYS, connectable=False)
    return stranger
