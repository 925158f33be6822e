"""What the wearer feels, sees and hears, as data: milliseconds of on, off, on, off, ...

Light and sound are for badges that are not covert; where they have no pattern of their
own they are still.
"""

SHORT_MS = 120
LONG_MS = 600
GAP_MS = 180
PAUSE_MS = 600
BETWEEN_MS = 1_000  # longer than any pause within a pattern, so that a hand can tell them apart
LONGEST_MS = 5_000  # what comes next does not wait for the end of a longer pattern

NONE = 0
RECOGNISED = 1
HEARD = 2
DELIVERED = 3
ACKNOWLEDGED = 4
RESOLVED = 5
FAILED = 6
PENDING = 7
ATTENTION = 8
REMINDER = 9
OVERDUE = 10
FIND_ME = 11

NAMES = (
    "none",
    "recognised",
    "heard",
    "delivered",
    "acknowledged",
    "resolved",
    "failed",
    "pending",
    "attention",
    "reminder",
    "overdue",
    "find me",
)

_ONE_SHORT = (SHORT_MS,)
_TWO_SHORT = (SHORT_MS, GAP_MS, SHORT_MS)
_THREE_SHORT = (SHORT_MS, GAP_MS, SHORT_MS, GAP_MS, SHORT_MS)
_TWO_LONG = (LONG_MS, GAP_MS, LONG_MS)
_LONG_PAUSE_LONG = (LONG_MS, PAUSE_MS, LONG_MS)
# Thirty seconds in which it becomes harder and harder not to notice.
_RISING = tuple(
    duration_ms for pulse in range(20) for duration_ms in (60 + 50 * pulse, 1500 - 60 - 50 * pulse)
)
_SIREN = (400, 200) * 15
_BLINK = (50, 950) * 15

VIBRATION = (
    (),
    _ONE_SHORT,
    _ONE_SHORT,
    _TWO_SHORT,
    _TWO_LONG,
    _THREE_SHORT,
    _LONG_PAUSE_LONG,
    _RISING,
    (LONG_MS, GAP_MS, SHORT_MS, GAP_MS, LONG_MS),
    (SHORT_MS, PAUSE_MS, SHORT_MS),
    (LONG_MS, PAUSE_MS, SHORT_MS, PAUSE_MS, LONG_MS),
    (LONG_MS, GAP_MS) * 10,
)
LIGHT = (
    (),
    _BLINK,
    _BLINK,
    _TWO_SHORT,
    _TWO_LONG,
    _THREE_SHORT,
    _LONG_PAUSE_LONG,
    _RISING,
    _TWO_LONG,
    _TWO_SHORT,
    _TWO_LONG,
    (LONG_MS, GAP_MS) * 10,
)
SOUND = (
    (),
    _SIREN,
    _SIREN,
    _TWO_SHORT,
    _TWO_LONG,
    _THREE_SHORT,
    _LONG_PAUSE_LONG,
    _RISING,
    _TWO_LONG,
    _ONE_SHORT,
    _TWO_SHORT,
    (LONG_MS, GAP_MS) * 10,
)


def buzz(number: int) -> int:
    """The pattern that a buzz command asks for: 1 = find me, all others attention."""
    return FIND_ME if number == 1 else ATTENTION
