"""Which parts of the badge are broken. Pure. One flag on the air for all; the log says which."""

# Each has a bit in what outlives a deep sleep: new ones at the end.
PARTS = (
    "configuration",
    "supply",  # its power chip does not answer
    "battery",  # no cell, or a voltage that none has
    "accelerometer",
    "flash",
    "receiver",  # it has power and says nothing
    "power",  # too many starts in a row
)


class Faults:
    """bits: of the parts that are broken."""

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits

    @property
    def any(self) -> bool:
        return self.bits != 0

    def set(self, part: str, broken: bool) -> bool:
        """Whether this is news."""
        bit = 1 << PARTS.index(part)
        if broken == (self.bits & bit != 0):
            return False
        self.bits ^= bit
        return True
