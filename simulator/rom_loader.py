"""The serial loader in an ESP32's ROM, and the stub that esptool loads over it. Pure: bytes in
and out.

Source: Espressif, esptool documentation, "Serial Protocol". The stub's code is taken into RAM
and not run: from MEM_END on, the answers are the stub's.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.slip import SlipReader, slip

SECTOR = 4096
_ERASED = b"\xff"
_CHECKSUM_SEED = 0xEF
_MAGIC_REGISTER = 0x40001000
_SPI_RUN = 1 << 18  # in the SPI controller's command register
_READ_ID = 0x9F
_WINBOND = 0xEF | 0x40 << 8
_SYNC_REPLIES = 8
_ROM_SYNC_VALUE = 0x20120707  # anything but the stub's 0

_UNKNOWN = b"\x01\x05"
_FAILED = b"\x01\x06"
_DAMAGED = b"\x01\x07"
_OK = b"\0\0"

_FLASH_BEGIN, _FLASH_DATA, _FLASH_END = 0x02, 0x03, 0x04
_MEM_BEGIN, _MEM_END, _MEM_DATA = 0x05, 0x06, 0x07
_SYNC, _WRITE_REG, _READ_REG = 0x08, 0x09, 0x0A
_SPI_SET_PARAMS, _SPI_ATTACH, _CHANGE_BAUDRATE = 0x0B, 0x0D, 0x0F
_DEFL_BEGIN, _DEFL_DATA, _DEFL_END = 0x10, 0x11, 0x12
_FLASH_MD5, _SECURITY_INFO = 0x13, 0x14


class Chip(NamedTuple):
    """number: in images and security info; magic: where number is not told; the rest: registers."""

    name: str
    number: int
    magic: int | None
    spi: int
    spi_usr2: int
    spi_w0: int
    uart_divider: int


CHIPS = {
    chip.name: chip
    for chip in (
        Chip("ESP32", 0, 0x00F01D83, 0x3FF42000, 0x24, 0x80, 0x3FF40014),
        Chip("ESP32C3", 5, None, 0x60002000, 0x20, 0x58, 0x60000014),
        Chip("ESP32S3", 9, None, 0x60002000, 0x20, 0x58, 0x60000014),
    )
}


def empty_flash(size: int = 4 << 20) -> bytes:
    """A flash chip of so many bytes as it comes."""
    return _ERASED * size


class RomLoader:
    """A chip that was reset with BOOT held down.

    chip: as `os.uname` names it; flash: its whole content, a power of two of bytes; cut_at: the
    block of flash data during which the power fails (0 = never); worn: its zeros stay zeros.
    `erased`: sectors, by number.
    `left`: None until the chip runs from its flash; then what came in after that. A pty has no
    reset line, so a byte between frames takes its place once an image was verified.
    """

    def __init__(self, chip: str, flash: bytes, *, cut_at: int = 0, worn: bool = False) -> None:
        if chip not in CHIPS:
            raise SimulatorError(f"{chip}: no loader for this chip; there is {', '.join(CHIPS)}")
        self.chip = CHIPS[chip]
        self.flash = bytearray(flash)
        self.erased: set[int] = set()
        self.left: bytes | None = None
        self.cut = False
        self._cut_at = cut_at
        self._worn = worn
        self._blocks = 0
        self._entered = self._stub = False
        self._verified = False
        self._memory: dict[int, int] = {}  # start and length of what was loaded into RAM
        self._registers = {self.chip.uart_divider: 40_000_000 // 115_200}
        if self.chip.magic is not None:
            self._registers[_MAGIC_REGISTER] = self.chip.magic
        self._write_at = 0
        self._write_end = 0
        self._inflater = zlib.decompressobj()
        self._frames = SlipReader()
        self._obeys: dict[int, Callable[[bytes], tuple[int, bytes, bytes]]] = {
            _FLASH_BEGIN: self._begin,
            _FLASH_DATA: self._data,
            _FLASH_END: self._nothing,
            _MEM_BEGIN: self._load,
            _MEM_DATA: self._loaded,
            _MEM_END: self._enter,
            _WRITE_REG: self._write_register,
            _READ_REG: self._read_register,
            _SPI_SET_PARAMS: self._nothing,
            _SPI_ATTACH: self._nothing,
            _CHANGE_BAUDRATE: self._nothing,
            _DEFL_BEGIN: self._begin,
            _DEFL_DATA: self._deflated,
            _DEFL_END: self._nothing,
            _FLASH_MD5: self._md5,
        }
        if self.chip.magic is None:
            self._obeys[_SECURITY_INFO] = self._security_info

    def feed(self, chunk: bytes) -> bytes:
        """What it answers to what the host sent; nothing any more once the power has failed."""
        frames, between = self._frames.feed(chunk)
        if between and self._verified:
            self.left = between
            return b""
        said = b""
        for frame in frames:
            said += b"" if self.cut else self._answer(frame)
        return said

    def _answer(self, frame: bytes) -> bytes:
        if len(frame) < 8 or frame[0] != 0:
            return b""
        code, length, check = struct.unpack_from("<xBHI", frame)
        body = frame[8:]
        if code == _SYNC:
            value = 0 if self._stub else _ROM_SYNC_VALUE
            return self._reply(code, value, b"", _OK) * _SYNC_REPLIES
        value, content, status = self._obey(code, body, length, check)
        if self.cut:
            return b""
        said = self._reply(code, value, content, status)
        if self._entered and not self._stub:
            self._stub = True
            said += slip(b"OHAI")
        return said

    def _obey(self, code: int, body: bytes, length: int, check: int) -> tuple[int, bytes, bytes]:
        """Value, content and status of the answer."""
        if code not in self._obeys or length != len(body):
            return 0, b"", _UNKNOWN
        if code in (_FLASH_DATA, _MEM_DATA, _DEFL_DATA) and check != _checksum(body[16:]):
            return 0, b"", _DAMAGED
        try:
            return self._obeys[code](body)
        except (struct.error, zlib.error):
            return 0, b"", _FAILED

    def _reply(self, code: int, value: int, content: bytes, status: bytes) -> bytes:
        tail = content + (status if self._stub else status + b"\0\0")
        return slip(struct.pack("<BBHI", 1, code, len(tail), value) + tail)

    def _nothing(self, _: bytes) -> tuple[int, bytes, bytes]:
        return 0, b"", _OK

    # -- registers ----------------------------------------------------------

    def _read_register(self, body: bytes) -> tuple[int, bytes, bytes]:
        (address,) = struct.unpack("<I", body)
        return self._registers.get(address, 0), b"", _OK

    def _write_register(self, body: bytes) -> tuple[int, bytes, bytes]:
        address, value = struct.unpack_from("<II", body)
        if address == self.chip.spi and value & _SPI_RUN:
            command = self._registers.get(self.chip.spi + self.chip.spi_usr2, 0) & 0xFF
            read = self._flash_id() if command == _READ_ID else 0
            self._registers[self.chip.spi + self.chip.spi_w0] = read
        else:
            self._registers[address] = value
        return 0, b"", _OK

    def _flash_id(self) -> int:
        return _WINBOND | (len(self.flash).bit_length() - 1) << 16

    def _security_info(self, _: bytes) -> tuple[int, bytes, bytes]:
        return 0, struct.pack("<IB7xII", 0, 0, self.chip.number, 0), _OK

    # -- RAM ----------------------------------------------------------------

    def _load(self, body: bytes) -> tuple[int, bytes, bytes]:
        length, _, _, start = struct.unpack("<IIII", body)
        self._memory[start] = length
        return 0, b"", _OK

    def _loaded(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 0, b"", _OK if self._memory and len(body) > 16 else _FAILED

    def _enter(self, body: bytes) -> tuple[int, bytes, bytes]:
        """A jump into what was loaded starts the stub; one into nothing says no more."""
        (entry,) = struct.unpack_from("<I", body, 4)
        spans = self._memory.items()
        self._entered = any(start <= entry < start + length for start, length in spans)
        return 0, b"", _OK

    # -- flash --------------------------------------------------------------

    def _begin(self, body: bytes) -> tuple[int, bytes, bytes]:
        size, _, _, offset = struct.unpack_from("<IIII", body)
        if offset % SECTOR or offset + size > len(self.flash):
            return 0, b"", _FAILED
        self._write_at, self._write_end = offset, offset + size
        self._inflater = zlib.decompressobj()
        if not self._stub:  # which erases as it writes
            self._erase(offset, size)
        return 0, b"", _OK

    def _data(self, body: bytes) -> tuple[int, bytes, bytes]:
        return self._write(body[16:])

    def _deflated(self, body: bytes) -> tuple[int, bytes, bytes]:
        return self._write(self._inflater.decompress(body[16:]))

    def _write(self, content: bytes) -> tuple[int, bytes, bytes]:
        self._blocks += 1
        if self._blocks == self._cut_at:
            content, self.cut = content[: len(content) // 2], True
        content = content[: self._write_end - self._write_at]  # the last block is filled up
        at, end = self._write_at, self._write_at + len(content)
        if self._stub:
            begun = -(-at // SECTOR) * SECTOR
            self._erase(begun, end - begun)
        before = int.from_bytes(self.flash[at:end], "big")  # flash turns ones to zeros only
        after = before & int.from_bytes(content, "big")
        self.flash[at:end] = after.to_bytes(len(content), "big")
        self._write_at = end
        return 0, b"", _OK

    def _erase(self, at: int, size: int) -> None:
        for start in range(at, at + size, SECTOR):
            if not self._worn:
                self.flash[start : start + SECTOR] = _ERASED * SECTOR
            self.erased.add(start // SECTOR)

    def _md5(self, body: bytes) -> tuple[int, bytes, bytes]:
        at, size = struct.unpack_from("<II", body)
        digest = hashlib.md5(self.flash[at : at + size], usedforsecurity=False)
        self._verified = True
        return 0, digest.digest() if self._stub else digest.hexdigest().encode(), _OK


def _checksum(content: bytes) -> int:
    found = _CHECKSUM_SEED
    for octet in content:
        found ^= octet
    return found
