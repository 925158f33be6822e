"""What a badge's flash holds, as files of the simulator: made, and looked into."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from littlefs import LittleFS, UserContext

from badge.identity import KEY, NAMESPACE, IdentityRecord, encode_identity
from gateway.keys import command_key, mask_key, seal_key

_BLOCK_SIZE = 4096
_BLOCK_COUNT = 64


@dataclass(frozen=True)
class BadgeFiles:
    """The image of a badge's file system, and its key-value store, in one directory."""

    directory: Path

    @property
    def image(self) -> Path:
        """The LittleFS image."""
        return self.directory / "flash.img"

    @property
    def nvs(self) -> Path:
        """The key-value store: the badge's number and derived keys."""
        return self.directory / "nvs.json"

    def make(
        self, number: int, epoch: int, fleet_key: bytes, badge_key: bytes, **config: Any
    ) -> None:
        """A provisioned badge: derived keys in NVS, config.json on a new file system."""
        self.directory.mkdir(parents=True, exist_ok=True)
        record = IdentityRecord(
            number, epoch, mask_key(fleet_key), seal_key(badge_key), command_key(badge_key)
        )
        store = {NAMESPACE: {KEY: encode_identity(record).hex()}}
        _write_secret(self.nvs, json.dumps(store))
        self.write("config.json", json.dumps(config).encode())

    def read(self, name: str) -> bytes:
        """The bytes of a file on the flash. Raises FileNotFoundError."""
        context = UserContext(buffer=bytearray(self.image.read_bytes()))
        system = _mount(context)  # named: it must outlive its open files
        with system.open(name, "rb") as file:
            return bytes(file.read())

    def write(self, name: str, content: bytes) -> None:
        """Puts a file on the flash, which is made when there is none."""
        exists = self.image.exists()
        blank = bytes([0xFF]) * (_BLOCK_SIZE * _BLOCK_COUNT)
        context = UserContext(buffer=bytearray(self.image.read_bytes() if exists else blank))
        system = _mount(context, new=not exists)  # named: it must outlive its open files
        with system.open(name, "wb") as file:
            file.write(content)
        self.image.write_bytes(context.buffer)


def _mount(context: UserContext, *, new: bool = False) -> LittleFS:
    system = LittleFS(
        context=context,
        mount=False,  # by itself it would format what it cannot mount
        block_size=_BLOCK_SIZE,
        block_count=len(context.buffer) // _BLOCK_SIZE,
        read_size=256,
        prog_size=256,
    )
    if new:
        system.format()
    system.mount()
    return system


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
