"""Report <-> 13 bytes, and the advertisement that carries a frame (docs/protocol.md, Frame)."""

from wire import WireError

VERSION = 1
COMPANY_TESTS = 0xFFFF  # reserved for tests by the Bluetooth SIG; the default
FRAME_LENGTH = 24
REPORT_LENGTH = 13
ADVERTISEMENT_LENGTH = 31

KIND_STATUS = 0
KIND_SOS = 1
KIND_MAN_DOWN = 2
KIND_ASSIST = 3
KIND_CHECK_IN = 4
KIND_CHECK_OUT = 5
KIND_TEST = 6
KIND_GOING_OFF = 7

PHASE_IDLE = 0
PHASE_PENDING = 1
PHASE_RAISED = 2
PHASE_HEARD = 3
PHASE_DELIVERED = 4
PHASE_ACKNOWLEDGED = 5
PHASE_RESOLVED = 6
PHASE_CANCELLED = 7

AGE_LIMITS_S = (2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 14400, 43200, 86400)
CODE_UNKNOWN = 15

_BATTERY_UNKNOWN = 127
_COORDINATE_MAX = 0x7FFFFF
_RIGHT_ANGLE_UDEG = 90_000_000
_STRAIGHT_ANGLE_UDEG = 180_000_000
_HEAD = b"\x02\x01\x06\x1b\xff"

_FIX_VALID = 1
_TIME_VALID = 2
_COVERT = 4
_DRILL = 8
_MOVING = 16
_FAULT = 32


class Fix:
    """A position as a frame carries it.

    Angles are whole microdegrees: the badge's floats have 24 bits, too few for
    a longitude, and a whole number of microdegrees fits its small integers.
    """

    def __init__(
        self, latitude_udeg: int, longitude_udeg: int, age_code: int, accuracy_code: int
    ) -> None:
        self.latitude_udeg = latitude_udeg
        self.longitude_udeg = longitude_udeg
        self.age_code = age_code
        self.accuracy_code = accuracy_code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fix) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.latitude_udeg, self.longitude_udeg))

    def __repr__(self) -> str:
        return "<Fix>"  # a position is never logged


class Report:
    """What one frame says.

    event: 0-65535, 0 = never; battery: percent 0-100 or None; fix: None = no
    fix; minute: (unix time / 60) mod 256, None = the badge has no clock.
    """

    def __init__(
        self,
        kind: int,
        phase: int,
        event: int,
        battery: "int | None" = None,
        charging: bool = False,
        fix: "Fix | None" = None,
        covert: bool = False,
        drill: bool = False,
        moving: bool = False,
        fault: bool = False,
        minute: "int | None" = None,
    ) -> None:
        self.kind = kind
        self.phase = phase
        self.event = event
        self.battery = battery
        self.charging = charging
        self.fix = fix
        self.covert = covert
        self.drill = drill
        self.moving = moving
        self.fault = fault
        self.minute = minute

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.kind, self.phase, self.event))

    def __repr__(self) -> str:
        return "<Report kind=%d phase=%d event=%d>" % (self.kind, self.phase, self.event)


def encode_report(report: Report) -> bytes:
    """The 13 bytes of a report. Raises WireError when a field does not fit."""
    if not (0 <= report.kind < 8 and 0 <= report.phase < 8):
        raise WireError("reserved", "kind %d, phase %d: 0-7 each" % (report.kind, report.phase))
    if not 0 <= report.event <= 0xFFFF:
        raise WireError("range", "event number %d: 0-65535" % report.event)
    out = bytearray(REPORT_LENGTH)
    out[0] = report.kind << 4 | report.phase
    out[1] = report.event & 0xFF
    out[2] = report.event >> 8
    battery = _BATTERY_UNKNOWN if report.battery is None else min(100, max(0, report.battery))
    out[3] = battery | (0x80 if report.charging else 0)
    out[4] = _flags(report)
    _put_fix(out, report.fix)
    out[12] = 0 if report.minute is None else report.minute & 0xFF
    return bytes(out)


def decode_report(plain: bytes) -> Report:
    """The report in 13 bytes. Raises WireError("reserved") for kinds and phases 8-15."""
    if len(plain) != REPORT_LENGTH:
        raise WireError("length", "report of %d bytes: must be 13" % len(plain))
    kind, phase = plain[0] >> 4, plain[0] & 15
    if kind > 7 or phase > 7:
        raise WireError("reserved", "kind %d, phase %d: 0-7 each" % (kind, phase))
    battery: "int | None" = plain[3] & 0x7F
    flags = plain[4]
    return Report(
        kind,
        phase,
        plain[1] | plain[2] << 8,
        None if battery is None or battery > 100 else battery,
        plain[3] > 0x7F,
        _get_fix(plain) if flags & _FIX_VALID else None,
        flags & _COVERT != 0,
        flags & _DRILL != 0,
        flags & _MOVING != 0,
        flags & _FAULT != 0,
        plain[12] if flags & _TIME_VALID else None,
    )


def to_advertisement(frame: bytes, company: int = COMPANY_TESTS) -> bytes:
    """The 31 bytes on the air: flags, then manufacturer data with the 24-byte frame."""
    if len(frame) != FRAME_LENGTH:
        raise WireError("length", "frame of %d bytes: must be 24" % len(frame))
    return _HEAD + bytes((company & 0xFF, company >> 8)) + frame


def from_advertisement(advertisement: bytes, company: int = COMPANY_TESTS) -> bytes:
    """The frame in an advertisement. Raises WireError("foreign") for anybody else's."""
    head = _HEAD + bytes((company & 0xFF, company >> 8))
    if len(advertisement) != ADVERTISEMENT_LENGTH or advertisement[:7] != head:
        raise WireError("foreign", "not an advertisement of company %04X" % company)
    return advertisement[7:]


def age_code(age_s: "float | None") -> int:
    """Code of a fix age in seconds: the first limit above it; 15 = older than a day, unknown."""
    if age_s is not None:
        for code in range(len(AGE_LIMITS_S)):
            if age_s < AGE_LIMITS_S[code]:
                return code
    return CODE_UNKNOWN


def accuracy_code(accuracy_m: "float | None") -> int:
    """Code of a horizontal accuracy in metres: the smallest n with accuracy <= 2^n."""
    if accuracy_m is not None:
        for code in range(15):
            if accuracy_m <= 1 << code:
                return code
    return CODE_UNKNOWN


def minute_of(unix_s: int) -> int:
    """The minute byte of a unix time in seconds."""
    return unix_s // 60 & 0xFF


def _flags(report: Report) -> int:
    return (
        (_FIX_VALID if report.fix is not None else 0)
        | (_TIME_VALID if report.minute is not None else 0)
        | (_COVERT if report.covert else 0)
        | (_DRILL if report.drill else 0)
        | (_MOVING if report.moving else 0)
        | (_FAULT if report.fault else 0)
    )


def _put_fix(out: bytearray, fix: "Fix | None") -> None:
    if fix is None:
        out[11] = 0xFF
        return
    _put_i24(out, 5, _scale(fix.latitude_udeg, 0x800000, _RIGHT_ANGLE_UDEG))
    _put_i24(out, 8, _scale(fix.longitude_udeg, 0x800000, _STRAIGHT_ANGLE_UDEG))
    out[11] = (fix.age_code & 15) << 4 | fix.accuracy_code & 15


def _get_fix(plain: bytes) -> Fix:
    return Fix(
        _scale(_get_i24(plain, 5), _RIGHT_ANGLE_UDEG, 0x800000),
        _scale(_get_i24(plain, 8), _STRAIGHT_ANGLE_UDEG, 0x800000),
        plain[11] >> 4,
        plain[11] & 15,
    )


def _scale(value: int, multiplier: int, divisor: int) -> int:
    """value x multiplier / divisor, rounded to the nearest whole number, away from zero at .5."""
    product = 2 * abs(value) * multiplier + divisor
    scaled = product // (2 * divisor)
    return -scaled if value < 0 else scaled


def _put_i24(out: bytearray, at: int, value: int) -> None:
    value = min(_COORDINATE_MAX, max(-_COORDINATE_MAX, value)) & 0xFFFFFF
    out[at] = value & 0xFF
    out[at + 1] = value >> 8 & 0xFF
    out[at + 2] = value >> 16


def _get_i24(plain: bytes, at: int) -> int:
    value = plain[at] | plain[at + 1] << 8 | plain[at + 2] << 16
    return value - 0x1000000 if value > _COORDINATE_MAX else value
