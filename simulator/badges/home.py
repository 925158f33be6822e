"""The directory of virtual badges: their flash, their ports, and a tester's configuration."""

from __future__ import annotations

import fcntl
import json
import os
import random
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from littlefs import LittleFSError

from desk.config import DeskConfig
from gateway.contract.config import read_config
from gateway.contract.errors import ContractError
from gateway.errors import ConfigError
from gateway.registry import FleetKey, Registry, load_registry
from simulator.badge_files import BadgeFiles
from simulator.broker_process import free_port
from simulator.errors import SimulatorError
from simulator.flashed import RELEASE, Flashed
from simulator.fleet import Fleet, make_fleet, quoted
from simulator.usb_badge import BOARD

HUB = "hub-1"
SIMULATED_HUB = "hub-0"
_MAX_SOCKET_PATH = 107
_CONFIG = "config.json"
_BADGE_CONFIG = {"board": BOARD, "man_down": True}
_MARK = (
    "# Written by tocsin-simulator badges at every start; without this line it stays as it is.\n"
)


class Home:
    """Everything that virtual badges keep and make, by its path."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.registry = self.directory / "registry.toml"
        self.gateway = self.directory / "gateway.toml"
        self.desk = self.directory / "desk.toml"
        self.control = self.directory / "badges.sock"
        self.dongle = self.directory / "dongle"
        self.boards = self.directory / "boards"
        self.log = self.boards / "simulator.log"

    def port(self, number: int) -> Path:
        """The link to a badge's serial port."""
        return self.directory / f"badge-{number}"

    def files(self, number: int) -> BadgeFiles:
        """A badge's flash."""
        return BadgeFiles(self.boards / f"badge-{number}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Makes it, and keeps other badges out of it; a run before this may have been killed.

        Raises SimulatorError when it cannot be used.
        """
        if len(os.fsencode(self.control)) > _MAX_SOCKET_PATH:
            raise SimulatorError(
                f"{self.directory}: too long a path for the sockets in it;"
                " choose a shorter one with --directory"
            )
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.boards.mkdir(mode=0o700, exist_ok=True)  # keys are in the badges' flash
            lock = os.open(self.directory / "badges.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise SimulatorError(
                f"{self.directory}: {error.strerror}; choose another with --directory"
            ) from None
        with os.fdopen(lock):
            self._lock(lock)
            self.clean()
            try:
                yield
            finally:
                self.clean()

    def _lock(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SimulatorError(
                f"{self.directory}: badges run there already; tell them what to do"
                f" (tocsin-simulator badges tell {self.directory} help), or choose another"
                " --directory"
            ) from None

    def clean(self) -> None:
        """Away with sockets and links, which mean nothing while no badges run."""
        links = (*self.directory.glob("badge-*"), self.dongle, self.boards / "dongle" / "port")
        for path in (self.control, self.boards / "hub-0.hci", *links):
            if path.is_symlink() or path.is_socket():
                path.unlink()

    def fleet(self, name: str, count: int, rng: random.Random) -> tuple[Fleet, Sequence[FleetKey]]:
        """Keys of so many badges, and every fleet key they may have; those of before, if any.

        Raises SimulatorError for a registry that cannot be used.
        """
        made = make_fleet(name, count, rng)
        if not self.registry.exists():
            made.write_registry(self.registry)
            return made, (FleetKey(0, made.fleet_key.hex()),)
        registry = self._load_registry()
        kept = {badge.number: bytes.fromhex(badge.key) for badge in registry.badges}
        new = {number: key for number, key in made.badges.items() if number not in kept}
        with self.registry.open("a") as file:
            for number, key in new.items():
                file.write(f'\n[[badges]]\nnumber = {number}\nkey = "{key.hex()}"\n')
        keys = {number: kept.get(number, made.badges[number]) for number in made.badges}
        return Fleet(name, bytes.fromhex(registry.fleet_keys[0].key), keys), registry.fleet_keys

    def _load_registry(self) -> Registry:
        try:
            return load_registry(self.registry)
        except ConfigError as error:
            raise SimulatorError(f"{error}; or choose another --directory") from None

    def flash(self, fleet: Fleet, epoch: int, number: int, firmware: Flashed) -> None:
        """The badge has this firmware, and keys; what it kept from before stays.

        epoch: of the fleet key that a new badge gets.
        """
        files, key = self.files(number), fleet.badges[number]
        if not files.image.exists() or not files.nvs.exists():
            files.directory.mkdir(parents=True, exist_ok=True)
            files.image.write_bytes(firmware.image)
            files.make(number, epoch, fleet.fleet_key, key, **_BADGE_CONFIG)
        elif _kept(files, RELEASE) != firmware.release:
            config = _kept(files, _CONFIG) or json.dumps(_BADGE_CONFIG).encode()
            files.image.write_bytes(firmware.image)  # of the journal there is a copy in NVS
            files.write(_CONFIG, config)

    def broker_port(self) -> int:
        """Where the last run's broker was, if that was one of our own and nobody is there now."""
        try:
            url = urlsplit(read_config(self.desk, DeskConfig).broker.url or "")
            port = url.port if url.hostname == "127.0.0.1" else None
        except (ContractError, ValueError):
            port = None
        return port if port is not None and _is_free(port) else free_port()

    def write_gateway(self, fleet: Fleet, broker_url: str, adapter: str, dongle: bool) -> None:
        """What the tester's own gateway is started with.

        adapter: of BlueZ, such as hci1, or "" for none; dongle: whether it hears by that.
        """
        lines = (
            f"fleet = {quoted(fleet.name)}",
            f"name = {quoted(HUB)}",
            f"database = {quoted(f'{HUB}.db')}",
            f"registry = {quoted(self.registry.name)}",
            f"\n[broker]\nurl = {quoted(broker_url)}",
            f"\n[radio]\nadapters = {json.dumps([adapter] if adapter else [])}",
            f"dongles = {json.dumps(dongle)}",
            f"ports = {json.dumps([str(self.dongle)] if dongle else [])}",
            f'\n[status]\nlisten = "127.0.0.1:{free_port()}"',
        )
        _write(self.gateway, "".join(f"{line}\n" for line in lines))

    def write_desk(self, fleet: Fleet, broker_url: str) -> None:
        """What the tester's own desk is started with."""
        new = self.desk.with_suffix(".new")
        fleet.write_desk(new, broker_url)
        text = new.read_text()
        new.unlink()
        _write(self.desk, text)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text().startswith(_MARK):
        path.write_text(_MARK + text)


def _kept(files: BadgeFiles, name: str) -> bytes:
    """A file on a badge's flash; b"" when there is none, or the flash is damaged."""
    try:
        return files.read(name)
    except (OSError, LittleFSError):
        return b""


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
