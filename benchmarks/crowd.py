"""Many badges within a gateway's range, as frames: sealed as badges do, fast enough for a bench."""

import struct
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gateway.keys import block_cipher, mask_key, seal_key
from gateway.registry import BadgeKey, FleetKey, Registry
from wire.frame import KIND_SOS, KIND_STATUS, PHASE_IDLE, PHASE_RAISED, Report, encode_report
from wire.seal import FRAME_TAG_LENGTH, xor

FLEET_KEY = bytes(range(16))
_HEAD = b"\x10"


class Crowd:
    """Badges 1 to `size`, each with a counter that rises with every frame of it."""

    def __init__(self, size: int) -> None:
        keys = {number: number.to_bytes(16, "big") for number in range(1, size + 1)}
        self.registry = Registry(
            (FleetKey(0, FLEET_KEY.hex()),),
            tuple(BadgeKey(number, key.hex()) for number, key in keys.items()),
        )
        self._mask = block_cipher(mask_key(FLEET_KEY))
        self._seals = {
            number: AESCCM(seal_key(key), tag_length=FRAME_TAG_LENGTH)
            for number, key in keys.items()
        }
        self._counters = dict.fromkeys(keys, 0)
        self._idle = encode_report(Report(KIND_STATUS, PHASE_IDLE, 0, 80))

    def heartbeats(self) -> Iterator[bytes]:
        """One new heartbeat of every badge, in turn."""
        return (self._seal(number, self._idle) for number in self._seals)

    def press(self, number: int, event: int) -> bytes:
        """The first frame of a badge's raised event."""
        return self._seal(number, encode_report(Report(KIND_SOS, PHASE_RAISED, event, 80)))

    def _seal(self, number: int, report: bytes) -> bytes:
        self._counters[number] += 1
        speaker = struct.pack("<HI", number, self._counters[number])
        nonce = _HEAD + speaker + bytes(6)
        sealed = self._seals[number].encrypt(nonce, report, None)
        return _HEAD + xor(speaker, self._mask(sealed[1:17])) + sealed
