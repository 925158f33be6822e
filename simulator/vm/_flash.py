"""The badge's flash: LittleFS on an image file, whose power can be cut at any write."""

import _bus
import vfs

BLOCK_SIZE = 4096
_EIO = 5
_BLANK = b"\xff" * 256  # small: what the stand-in allocates, the firmware cannot have


class Flash:
    """A block device on an open image file.

    cut_at: the write (counted from 1) during which the power fails, half of it done; 0 = never.
    """

    def __init__(self, image, cut_at: int) -> None:
        self._image = image
        self._image.seek(0, 2)
        self._blocks = self._image.tell() // BLOCK_SIZE
        self._writes = 0
        self._cut_at = cut_at
        self._cut = False
        self._worn = False
        _bus.bus.on("worn", self._wear)
        _bus.bus.on("cutat", self._cut_later)

    def readblocks(self, block: int, buffer, offset: int = 0) -> int:
        self._image.seek(block * BLOCK_SIZE + offset)
        self._image.readinto(buffer)
        return 0

    def writeblocks(self, block: int, buffer, offset: int = 0) -> int:
        if self._worn:
            return -_EIO
        self._put(block * BLOCK_SIZE + offset, buffer)
        return 0

    def ioctl(self, op: int, block: int):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK_SIZE
        if op == 6:
            if self._worn:
                return -_EIO
            self._erase(block * BLOCK_SIZE)
        elif op == 3:
            self._image.flush()
        return 0

    def _wear(self, words) -> None:
        """From now on nothing can be written any more, or all is well again."""
        self._worn = words[1] == "1"

    def _cut_later(self, words) -> None:
        """The power fails during the so-manieth write from now; 0 = it does not."""
        self._cut_at = self._writes + int(words[1]) if int(words[1]) else 0

    def _erase(self, at: int) -> None:
        self._count("erase", at)
        for offset in range(0, BLOCK_SIZE, len(_BLANK)):
            if self._cut and offset >= BLOCK_SIZE // 2:
                self._lose_power()
            self._image.seek(at + offset)
            self._image.write(_BLANK)

    def _put(self, at: int, buffer) -> None:
        self._count("write", at)
        self._image.seek(at)
        if self._cut:
            self._image.write(memoryview(buffer)[: len(buffer) // 2])
            self._lose_power()
        self._image.write(buffer)

    def _count(self, what: str, at: int) -> None:
        self._writes += 1
        _bus.bus.send("flash", what, at // BLOCK_SIZE)
        self._cut = self._writes == self._cut_at

    def _lose_power(self) -> None:
        self._image.flush()
        _bus.bus.send("cut")
        while True:  # until the simulator takes the process away
            _bus.bus.wait(-1)


def mount(image, cut_at: int):
    """The file system on "/", the host's files below "/host"; formatted when it is new."""
    flash = Flash(image, cut_at)
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix("/"), "/host")
    mount_again(flash)
    return flash


def mount_again(flash) -> None:
    """On "/", where nothing is."""
    try:
        vfs.mount(vfs.VfsLfs2(flash, progsize=256, readsize=256, lookahead=32), "/")
    except OSError:
        vfs.VfsLfs2.mkfs(flash, progsize=256, readsize=256, lookahead=32)
        vfs.mount(vfs.VfsLfs2(flash, progsize=256, readsize=256, lookahead=32), "/")
