"""The registers of a chip on I2C, eight bits each. Nothing is allocated to reach them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C


class Registers:
    """Every method raises OSError when the chip does not answer."""

    def __init__(self, i2c: "I2C", address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._one = bytearray(1)
        self._two = bytearray(2)

    def read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._one)
        return self._one[0]

    def read_two(self, register: int) -> int:
        """This register in the high byte, the next in the low one."""
        self._i2c.readfrom_mem_into(self._address, register, self._two)
        return self._two[0] << 8 | self._two[1]

    def change(self, register: int, mask: int, value: int) -> None:
        """Gives the bits of the mask this value; the others stay as they are."""
        before = self.read(register)
        after = before & ~mask | value & mask
        if after != before:
            self._one[0] = after
            self._i2c.writeto_mem(self._address, register, self._one)
