"""An honest listener with the keys: reads a badge's advertisements."""

from typing import NamedTuple

from gateway.keys import block_cipher, mask_key, seal_key
from wire.frame import Report, decode_report, from_advertisement
from wire.seal import open_frame, unmask


class Heard(NamedTuple):
    """What one advertisement said."""

    badge: int
    counter: int
    report: Report


class Ear:
    """Opens the frames of one badge of one fleet."""

    def __init__(self, fleet_key: bytes, badge_key: bytes) -> None:
        self._mask = block_cipher(mask_key(fleet_key))
        self._seal = block_cipher(seal_key(badge_key))

    def hear(self, advertisement: bytes) -> Heard:
        """Raises WireError when it is not that badge's."""
        frame = from_advertisement(advertisement)
        badge, counter = unmask(self._mask, frame)
        return Heard(badge, counter, decode_report(open_frame(self._seal, frame, badge, counter)))
