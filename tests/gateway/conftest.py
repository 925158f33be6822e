"""A fleet: its registry, and badges that make real frames."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.disk.outbox import Outbox
from gateway.intake import Intake
from gateway.keys import block_cipher, command_key, mask_key, seal_key
from gateway.registry import BadgeKey, FleetKey, Registry
from wire.command import REPLY_BIT, Command, open_command, seal_command
from wire.frame import KIND_SOS, PHASE_RAISED, Report, encode_report
from wire.seal import seal_frame

FLEET_KEYS = {3: bytes(range(16)), 2: bytes(range(16, 32))}
BADGES = range(1, 6)


Run = Callable[..., tuple[int, str, str]]


class Speaker:
    """A badge as the radio hears it: frames with rising counters."""

    def __init__(self, number: int, epoch: int = 3) -> None:
        key = badge_key(number)
        self.number = number
        self.counter = 0
        self._epoch = epoch
        self._mask = block_cipher(mask_key(FLEET_KEYS[epoch]))
        self._seal = block_cipher(seal_key(key))
        self._command = block_cipher(command_key(key))

    def say(
        self,
        kind: int = KIND_SOS,
        phase: int = PHASE_RAISED,
        event: int = 1,
        *,
        counter: int | None = None,
        **fields: int,
    ) -> bytes:
        """A frame with the next counter, or the one given."""
        plain = encode_report(Report(kind, phase, event, **fields))
        return self.seal(plain, counter)

    def seal(self, plain: bytes, counter: int | None = None) -> bytes:
        """A frame around any 13 bytes."""
        self.counter = self.counter + 1 if counter is None else counter
        return seal_frame(self._mask, self._seal, self._epoch, self.number, self.counter, plain)

    def read(self, sealed: bytes) -> Command:
        """A command as the badge reads it."""
        return open_command(self._command, sealed)

    def reply(self, command: Command, nonce: bytes) -> bytes:
        """The badge's word that it took a command."""
        answer = Command(self.counter, command.event, command.opcode | REPLY_BIT)
        return seal_command(self._command, self._epoch, nonce, answer)


def badge_key(number: int) -> bytes:
    return number.to_bytes(16, "big")


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry(
        tuple(FleetKey(epoch, key.hex()) for epoch, key in FLEET_KEYS.items()),
        tuple(BadgeKey(number, badge_key(number).hex()) for number in BADGES),
    )


@pytest.fixture
def intake(registry: Registry) -> Intake:
    return Intake(registry)


@pytest.fixture(scope="session")
def speaker() -> Callable[..., Speaker]:
    return Speaker


@pytest.fixture
def outbox(tmp_path: Path):
    outbox = Outbox(tmp_path / "gateway.db")
    yield outbox
    outbox.close()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, run here: its exit code, and what it said and complained."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tocsin-gateway", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "120")
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capsys.readouterr())

    return run
