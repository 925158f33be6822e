"""What the wearer feels, as data: milliseconds of motor on, off, on, off, ..."""

SHORT_MS = 120
LONG_MS = 600
GAP_MS = 180
PAUSE_MS = 600

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
)

PATTERNS = (
    (),
    (SHORT_MS,),
    (SHORT_MS,),
    (SHORT_MS, GAP_MS, SHORT_MS),
    (LONG_MS, GAP_MS, LONG_MS),
    (SHORT_MS, GAP_MS, SHORT_MS, GAP_MS, SHORT_MS),
    (LONG_MS, PAUSE_MS, LONG_MS),
    (SHORT_MS, GAP_MS, LONG_MS),
    (LONG_MS, GAP_MS, SHORT_MS, GAP_MS, LONG_MS),
    (SHORT_MS, PAUSE_MS, SHORT_MS),
)
