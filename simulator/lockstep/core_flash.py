"""The flash of a badge that runs without the VM: its journal, and two counters in NVS.

The rules are those of badge.store.JournalStore, whose files belong to the VM: two records
written in turn and a copy elsewhere, and the newest whole one counts.
"""

from badge.journal import Journal, decode, encode
from simulator.lockstep.fuse import KilledError

_COPY = "copy"
_SEQUENCE_HALF = 0x800000


class CoreFlash:
    """What lasts. Raises KilledError when the power fails during a write.

    LittleFS and NVS keep a record wholly or not at all (tests/badge/test_cuts.py shows it on the
    real ones), so a write that is cut leaves what was there. worn: the file system takes nothing;
    NVS is in another part of the flash.
    """

    def __init__(self) -> None:
        self._records: dict[str, bytes] = {}
        self._numbers: dict[str, int] = {}
        self._sequence = 0
        self._cut_in: int | None = None
        self.worn = False
        self.writes = 0

    def cut_at(self, writes: int) -> None:
        """The power fails during the so-manieth write from now; 0 = it does not."""
        self._cut_in = writes or None

    def load(self) -> Journal:
        """The newest whole record; a new journal where there is none."""
        found = [whole for record in self._records.values() if (whole := decode(record))]
        newest: tuple[Journal, int] | None = None
        for whole in found:
            if newest is None or 0 < (whole[1] - newest[1] & 0xFFFFFF) < _SEQUENCE_HALF:
                newest = whole
        self._sequence = 0 if newest is None else newest[1]
        return Journal() if newest is None else newest[0]

    def save(self, journal: Journal) -> None:
        """On flash when this returns. Raises OSError when one of the two places took nothing."""
        self._sequence = self._sequence + 1 & 0xFFFFFF
        record = encode(journal, self._sequence)
        places = (_COPY,) if self.worn else (str(self._sequence & 1), _COPY)
        for place in places:
            self._write()
            self._records[place] = record
        if self.worn:
            raise OSError("worn")

    # What badge.stumbles wants of esp32.NVS.

    def get_i32(self, key: str) -> int:
        if key not in self._numbers:
            raise OSError(key)
        return self._numbers[key]

    def set_i32(self, key: str, value: int) -> None:
        self._write()
        self._numbers[key] = value

    def commit(self) -> None:
        """All is written already."""

    def _write(self) -> None:
        self.writes += 1
        if self._cut_in is not None:
            self._cut_in -= 1
            if self._cut_in <= 0:
                self._cut_in = None
                raise KilledError
