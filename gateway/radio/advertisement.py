"""What is in an advertisement (Core Specification Supplement, part A, 1). Pure."""

from collections.abc import Iterator

MANUFACTURER = 0xFF
SERVICE_16 = 0x16
_BTHOME = b"\xd2\xfc"


def for_gateway(payload: bytes, company: int) -> tuple[bytes, bytes]:
    """Manufacturer data of the company and BTHome service data, each b"" when there is none.

    payload: any bytes at all; what is cut off or makes no sense is not there.
    """
    maker = company.to_bytes(2, "little")
    frame = button = b""
    for kind, content in _structures(payload):
        if kind == MANUFACTURER and content.startswith(maker):
            frame = content[2:]
        elif kind == SERVICE_16 and content.startswith(_BTHOME):
            button = content[2:]
    return frame, button


def _structures(payload: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 1 < len(payload):
        end = at + 1 + payload[at]
        if payload[at] == 0 or end > len(payload):
            return
        yield payload[at + 1], payload[at + 2 : end]
        at = end
