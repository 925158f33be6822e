"""The messages, as types: JSON in and out with msgspec.

Every message carries `v`; unknown fields are ignored, an unknown `v` is
refused. Inside the programs times are whole milliseconds of unix time; in
messages they are RFC 3339 UTC with milliseconds.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

import msgspec

from gateway.contract.errors import ContractError

VERSION = 1
MAX_PAYLOAD = 64 * 1024

Timestamp = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", max_length=24)
]
U16 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
U32 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Text = Annotated[str, msgspec.Meta(max_length=200)]


class Kind(StrEnum):
    """Kinds of report, in the order of their numbers on the air."""

    STATUS = "status"
    SOS = "sos"
    MAN_DOWN = "man_down"
    ASSIST = "assist"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    TEST = "test"
    GOING_OFF = "going_off"


class Phase(StrEnum):
    """Phases of an event, in the order of their numbers on the air."""

    IDLE = "idle"
    PENDING = "pending"
    RAISED = "raised"
    HEARD = "heard"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"

    @property
    def rank(self) -> int:
        """The phase's number on the air; phases of an event only rise."""
        return _RANKS[self]


class Opcode(StrEnum):
    """Commands, in the order of their numbers (1-7) on the air."""

    HEARD = "heard"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    TIME = "time"
    BUZZ = "buzz"
    VISIT_TIMER = "visit_timer"

    @property
    def number(self) -> int:
        """The opcode's number on the air."""
        return OPCODES.index(self) + 1


KINDS = tuple(Kind)
PHASES = tuple(Phase)
OPCODES = tuple(Opcode)
_RANKS = {phase: rank for rank, phase in enumerate(PHASES)}


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What every message has."""

    v: int = VERSION


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A fix: degrees (WGS 84); younger than age_s seconds and within accuracy_m metres, or null."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    age_s: int | None = None
    accuracy_m: int | None = None

    def __repr__(self) -> str:
        return "<Position>"  # a position is never logged


class Report(Message, frozen=True, kw_only=True):
    """One report of a badge as one gateway heard it: an event's, or a heartbeat's."""

    badge: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    event: U16
    kind: Kind
    phase: Phase
    counter: U32
    gateway: Text
    heard_at: Timestamp
    position: Position | None = None
    place: Text | None = None
    battery: Percent | None = None
    charging: bool = False
    covert: bool = False
    drill: bool = False
    moving: bool = False
    fault: bool = False
    time_valid: bool = False
    stale: bool = False
    rssi: Annotated[int, msgspec.Meta(ge=-200, le=100)] | None = None


class RadioState(msgspec.Struct, frozen=True, kw_only=True):
    """How one radio of a gateway is; reason: why it does not scan, or what troubles it."""

    name: Text
    state: Literal["scanning", "restarting", "deaf", "failed", "gone"]
    last_advert_age_s: float | None = None
    reason: Text = ""


class GatewayState(Message, frozen=True, kw_only=True):
    """How a gateway is: `deaf` means that MQTT is up and no radio hears what it should."""

    gateway: Text
    state: Literal["online", "deaf", "offline"]
    at: Timestamp
    last_advert_age_s: float | None = None
    outbox_depth: int | None = None
    version: Text = ""
    rejected: dict[str, int] = {}
    disk: Literal["ok", "full", "failed"] = "ok"
    dropped: dict[str, int] = {}
    warnings: tuple[Text, ...] = ()
    radios: tuple[RadioState, ...] = ()


class Sighting(Message, frozen=True, kw_only=True):
    """Who hears whom how loudly; rssi in dBm."""

    badge: U16
    gateway: Text
    rssi: int
    at: Timestamp


class CommandMessage(Message, frozen=True, kw_only=True):
    """A command of the desk; argument: minutes, unix time or pattern, as the opcode says."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    badge: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    event: U16
    opcode: Opcode
    expires_at: Timestamp
    argument: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)] | None = None


class CommandResult(Message, frozen=True, kw_only=True):
    """Whether the badge itself took a command, or why not."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    badge: U16
    event: U16
    opcode: Opcode
    gateway: Text
    taken: bool
    at: Timestamp
    reason: Text | None = None


class Notice(Message, frozen=True, kw_only=True):
    """How a gateway called people by itself, in sum, while it had no answer of the desk.

    calls: how often; reached: how many of the targets took at least one call of them.
    """

    badge: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    event: U16
    gateway: Text
    first_at: Timestamp
    at: Timestamp
    calls: U32
    reached: U16
    targets: U16
    siren: bool = False
    silenced: bool = False
    reason: Literal["no_receipt", "no_broker"] = "no_receipt"


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an alert's timeline; by: the person or gateway behind it."""

    phase: Phase
    at: Timestamp
    by: Text | None = None


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """Where the chain of people who are called for an alert stands.

    round: how often the chain was begun; called: the contacts of the latest
    step, and when they were called; next: those of the next one, and when.
    """

    round: U32
    called: tuple[Text, ...] = ()
    called_at: Timestamp | None = None
    next: tuple[Text, ...] = ()
    next_at: Timestamp | None = None


class AlertRecord(Message, frozen=True, kw_only=True):
    """The one record of an alert, retained at the broker.

    timeline: what became true and when; felt: the stages that the badge itself
    confirmed taking, so that the wearer's hand knows them. visit_due_at: when
    the visit that runs since this check in must be over; overdue_at: since when
    this check in calls for a person, because nobody checked out. escalation:
    while people are called.
    """

    alert: Text
    badge: U16
    event: U16
    kind: Kind
    phase: Phase
    wearer: Text
    raised_at: Timestamp
    updated_at: Timestamp
    timeline: tuple[Stage, ...] = ()
    felt: tuple[Stage, ...] = ()
    position: Position | None = None
    position_at: Timestamp | None = None
    place: Text | None = None
    holder: Text | None = None
    minutes_until_help: int | None = None
    gateways: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    notices: tuple[Notice, ...] = ()
    battery: Percent | None = None
    covert: bool = False
    drill: bool = False
    visit_due_at: Timestamp | None = None
    overdue_at: Timestamp | None = None
    escalation: Escalation | None = None


class Safety(Message, frozen=True, kw_only=True):
    """Whether a badge's wearer is safe: its most urgent open alert, for home automation."""

    badge: U16
    safe: bool
    at: Timestamp
    alert: Text | None = None
    kind: Kind | None = None
    phase: Phase | None = None
    since: Timestamp | None = None
    holder: Text | None = None
    position: Position | None = None
    position_at: Timestamp | None = None
    covert: bool = False
    drill: bool = False


class DeskState(Message, frozen=True, kw_only=True):
    """How the desk is, and how many supervisors watch.

    warnings: the holes in the chain of people who are called.
    """

    state: Literal["online", "offline"]
    at: Timestamp
    supervisors: int = 0
    version: Text = ""
    warnings: tuple[Text, ...] = ()


M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """The JSON of a message."""
    return msgspec.json.encode(message)


def decode(kind: type[M], topic: str, payload: bytes) -> M:
    """The message in a payload. Raises ContractError naming topic and field."""
    if len(payload) > MAX_PAYLOAD:
        raise ContractError("size", f"{topic}: {len(payload)} bytes, at most {MAX_PAYLOAD}")
    try:
        version = msgspec.json.decode(payload, type=_Versioned).v
        if version != VERSION:
            raise ContractError("version", f"{topic}: v is {version}, {VERSION} is spoken here")
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise ContractError("schema", f"{topic}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError("json", f"{topic}: {error}") from None


def rfc3339(unix_ms: int) -> str:
    """A time in milliseconds as RFC 3339 UTC with milliseconds."""
    seconds, milliseconds = divmod(unix_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def unix_ms(timestamp: str) -> int:
    """Milliseconds of unix time of a Timestamp. Raises ContractError("time") for no such time."""
    try:
        return round(datetime.fromisoformat(timestamp).timestamp() * 1000)
    except ValueError:
        raise ContractError("time", f"time {timestamp!r}: no such time") from None


class _Versioned(msgspec.Struct):
    v: int
