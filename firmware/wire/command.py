"""Commands to the badge and its replies (docs/protocol.md, Command)."""

from wire import WireError
from wire.frame import VERSION
from wire.seal import NONCE_LENGTH, ccm_open, ccm_seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wire import BlockCipher

SERVICE_UUID = "8f4b1e00-2c5d-4f0e-9a67-70c51a000001"
COMMAND_UUID = "8f4b1e00-2c5d-4f0e-9a67-70c51a000002"
REPLY_UUID = "8f4b1e00-2c5d-4f0e-9a67-70c51a000003"

COMMAND_MAX_LENGTH = 64
COUNTER_WINDOW = 4096

OP_HEARD = 1
OP_DELIVERED = 2
OP_ACKNOWLEDGED = 3
OP_RESOLVED = 4
OP_TIME = 5
OP_BUZZ = 6
OP_VISIT_TIMER = 7
REPLY_BIT = 0x80

ETA_UNKNOWN = 255

_ARGUMENT_LENGTHS = {
    OP_HEARD: 0,
    OP_DELIVERED: 0,
    OP_ACKNOWLEDGED: 1,
    OP_RESOLVED: 0,
    OP_TIME: 4,
    OP_BUZZ: 1,
    OP_VISIT_TIMER: 2,
}
_TAG_LENGTH = 8
_SEALED_AT = 1 + NONCE_LENGTH
_HEAD_LENGTH = 7


class Command:
    """One command, or a reply (opcode with REPLY_BIT, counter the badge's own).

    counter: of the frame being answered; event 0-65535; arguments: bytes as the
    opcode says, little-endian.
    """

    def __init__(self, counter: int, event: int, opcode: int, arguments: bytes = b"") -> None:
        self.counter = counter
        self.event = event
        self.opcode = opcode
        self.arguments = arguments

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Command) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.counter, self.event, self.opcode))

    def __repr__(self) -> str:
        return "<Command opcode=%d event=%d>" % (self.opcode, self.event)

    def number(self) -> int:
        """The arguments as one number: minutes, unix time or pattern; 0 without arguments."""
        return int.from_bytes(self.arguments, "little")


def seal_command(block: "BlockCipher", epoch: int, nonce: bytes, command: Command) -> bytes:
    """The bytes of a command or reply. nonce: 13 random bytes, never used twice with this key."""
    _check(command)
    plain = (
        command.counter.to_bytes(4, "little")
        + command.event.to_bytes(2, "little")
        + bytes((command.opcode,))
        + command.arguments
    )
    head = bytes((VERSION << 4 | epoch,))
    return head + nonce + ccm_seal(block, nonce, plain, head, _TAG_LENGTH)


def open_command(block: "BlockCipher", sealed: bytes) -> Command:
    """The command in 0-64 bytes. Raises WireError, and nothing else, for any that is not one."""
    if not _SEALED_AT + _HEAD_LENGTH + _TAG_LENGTH <= len(sealed) <= COMMAND_MAX_LENGTH:
        raise WireError("length", "command of %d bytes" % len(sealed))
    if sealed[0] >> 4 != VERSION:
        raise WireError("version", "command of version %d: 1 is spoken here" % (sealed[0] >> 4))
    plain = ccm_open(block, sealed[1:_SEALED_AT], sealed[_SEALED_AT:], sealed[:1], _TAG_LENGTH)
    command = Command(
        int.from_bytes(plain[:4], "little"),
        int.from_bytes(plain[4:6], "little"),
        plain[6],
        plain[_HEAD_LENGTH:],
    )
    _check(command)
    return command


def _check(command: Command) -> None:
    opcode = command.opcode & ~REPLY_BIT
    if opcode not in _ARGUMENT_LENGTHS:
        raise WireError("reserved", "opcode %d is reserved" % command.opcode)
    expected = 0 if command.opcode & REPLY_BIT else _ARGUMENT_LENGTHS[opcode]
    if len(command.arguments) != expected:
        raise WireError(
            "length",
            "opcode %d with %d bytes of arguments: must be %d"
            % (command.opcode, len(command.arguments), expected),
        )
