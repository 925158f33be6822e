"""What tests see of a badge in the virtual machine, and say to it."""

from collections.abc import Iterable

from badge.boards import esp32_generic as board
from gateway.keys import block_cipher, command_key
from simulator.ear import Ear, Heard
from simulator.felt import Hand
from simulator.lockstep.single import LockstepBadge, Said
from tests.conftest import BADGE_KEY
from wire.command import Command, seal_command

COMMAND = block_cipher(command_key(BADGE_KEY))


def advertised(said: Iterable[Said], ear: Ear) -> list[Heard]:
    return [
        ear.hear(bytes.fromhex(s.words[3]))
        for s in said
        if s.words[0] == "adv" and s.words[1] != "0"
    ]


def felt(said: Iterable[Said]) -> list[tuple[str, ...]]:
    hand, patterns = Hand(), []
    end_ms = 0
    for at_ms, words in said:
        end_ms = at_ms
        if words[:2] == ("pin", str(board.MOTOR)):
            patterns.append(hand.edge(at_ms, words[2] == "1"))
    patterns.append(hand.tick(end_ms + 10_000))
    return [pattern.names for pattern in patterns if pattern]


def command(badge: LockstepBadge, ear: Ear, opcode: int, arguments: bytes = b"") -> None:
    latest = advertised(badge.said, ear)[-1]
    answer = Command(latest.counter, latest.report.event, opcode, arguments)
    sealed = seal_command(COMMAND, 0, bytes(13), answer)
    badge.send("connect 1 010203040506")
    badge.send(f"write 1 16 {sealed.hex()}")
    badge.send("disconnect 1 010203040506", after_ms=10)
