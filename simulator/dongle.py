"""A dongle that lives in real time: its firmware in a VM, its radio on the virtual air."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from simulator.air import Air
from simulator.badge_files import BadgeFiles
from simulator.central import Central
from simulator.serial_port import SerialPort
from simulator.vm_process import VmProcess

_RECEIVE_SIZE = 65536
_FLASH_SIZE = 64 * 4096
_RADIO_BACKLOG = 16384  # bytes of advertisements that the controller holds for its host


class VirtualDongle:
    """Dongle hardware around the unmodified firmware.

    directory: for its flash, and for the link `port` to its serial port; on_said: called
    with the words of each line that the hardware says (see simulator/vm/_bus.py).
    `missed`: advertisements that came faster than the firmware took them.
    """

    def __init__(
        self,
        air: Air,
        directory: Path,
        name: str,
        *,
        on_said: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        self.missed = 0
        self._air = air
        self._name = name
        self.on_said = on_said
        self._files = blank_flash(directory)
        self._serial = SerialPort(directory / "port")
        self._vm: VmProcess | None = None
        self._radio: Central | None = None
        self._from_vm = b""
        self._to_vm = b""
        self._watchdog_s = 0.0
        self._watchdog: asyncio.TimerHandle | None = None
        self._resetting: asyncio.Task[None] | None = None

    @property
    def port(self) -> Path:
        """The path that a host opens; it is there while the dongle is plugged in."""
        return self._serial.path

    async def power_on(self) -> None:
        """Power, and a port for the host."""
        self._radio = Central(self._air, self._name, self._tell)
        await self._radio.open()
        self._vm = VmProcess(
            self._files, lockstep=False, app="dongle.app", serial=self._serial.board
        )
        self._vm.line.setblocking(False)
        self._from_vm = self._to_vm = b""
        asyncio.get_running_loop().add_reader(self._vm.line, self._read)
        self._tell("now 0")
        self._serial.plug()

    def power_off(self) -> None:
        """The power goes, at once; the port stays for what follows."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        if self._vm is not None:
            asyncio.get_running_loop().remove_reader(self._vm.line)
            asyncio.get_running_loop().remove_writer(self._vm.line)
            self._vm.kill()
            self._vm = None
        if self._radio is not None:
            self._radio.close()
            self._radio = None

    def unplug(self) -> None:
        """The host loses the port; the board lives on, as one with a battery does."""
        self._serial.unplug()

    def plug(self) -> None:
        """The host gets a port again, under the same path."""
        self._serial.plug()

    def close(self) -> None:
        """Gone for good."""
        if self._resetting is not None:
            self._resetting.cancel()
        self.power_off()
        self._serial.close()

    # -- the line to the firmware's hardware --------------------------------

    def _tell(self, line: str) -> None:
        if self._vm is None:
            return
        if line.startswith("heard ") and len(self._to_vm) > _RADIO_BACKLOG:
            self.missed += 1
            return
        self._to_vm += line.encode() + b"\n"
        self._write()

    def _write(self) -> None:
        assert self._vm is not None
        loop = asyncio.get_running_loop()
        try:
            self._to_vm = self._to_vm[self._vm.line.send(self._to_vm) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._to_vm = b""  # it has ended, which its reader will see
        if self._to_vm:
            loop.add_writer(self._vm.line, self._write)
        else:
            loop.remove_writer(self._vm.line)

    def _read(self) -> None:
        assert self._vm is not None
        chunk = self._vm.line.recv(_RECEIVE_SIZE)
        if not chunk:
            self.power_off()
            self._say(("ended",))
            return
        *lines, self._from_vm = (self._from_vm + chunk).split(b"\n")
        for line in lines:
            words = tuple(line.decode().split(" "))
            self._do(words)
            self._say(words)

    def _say(self, words: tuple[str, ...]) -> None:
        if self.on_said is not None:
            self.on_said(words)

    def _do(self, words: tuple[str, ...]) -> None:
        if words[0] == "watchdog":
            self._watchdog_s = int(words[1]) / 1000
        if words[0] in ("watchdog", "feed"):
            self._feed_watchdog()
        elif words[0] == "reset":
            self._reset()
        elif self._radio is not None and words[0] == "scan":
            self._radio.scan(words)
        elif self._radio is not None and words[0] == "central":
            self._radio.do(words)
        elif self._radio is not None and words[0] == "disconnect":
            self._radio.disconnect(words)

    def _feed_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(self._watchdog_s, self._reset)

    def _reset(self) -> None:
        if self._resetting is None or self._resetting.done():
            self._resetting = asyncio.get_running_loop().create_task(self._restart())

    async def _restart(self) -> None:
        self.power_off()
        await self.power_on()


def blank_flash(directory: Path) -> BadgeFiles:
    """All that a dongle keeps is its firmware."""
    files = BadgeFiles(directory)
    directory.mkdir(parents=True, exist_ok=True)
    files.image.write_bytes(b"\xff" * _FLASH_SIZE)
    files.nvs.write_text("{}")
    return files
