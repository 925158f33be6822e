"""Phases of an event and what moves them: the table that docs/architecture.md draws.

Signals are what the badge's parts say; a phase follows from the kind of the event, the
phase before and the signal. The numbers of phases are those on the air.
"""

from badge import signals
from wire.command import OP_ACKNOWLEDGED, OP_DELIVERED, OP_HEARD, OP_RESOLVED
from wire.frame import (
    KIND_ASSIST,
    KIND_CHECK_IN,
    KIND_CHECK_OUT,
    KIND_GOING_OFF,
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_ACKNOWLEDGED,
    PHASE_CANCELLED,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    PHASE_RESOLVED,
)

# Signals. Those of commands have the opcodes' numbers.
HEARD = OP_HEARD
DELIVERED = OP_DELIVERED
ACKNOWLEDGED = OP_ACKNOWLEDGED
RESOLVED = OP_RESOLVED
TICK = 16  # time has passed
SOS = 17  # held, or pressed three times
SINGLE = 18
DOUBLE = 19
PRESS = 20  # any press
MAN_DOWN = 21
COMMAND = 22  # argument: an authenticated Command
FIX = 23  # argument: latitude_udeg, longitude_udeg, accuracy_m or None
CLOCK = 24  # argument: unix time in seconds
BATTERY = 25  # argument: percent or None, charging
FAULT = 26  # argument: whether a part of the badge is broken
CONNECTABLE = 27  # argument: whether a peer may connect now
EXPIRE = 28  # pending time is over
CLOSE = 29  # an ended event has been told long enough
MOTION = 31  # argument: whether the badge is being moved
GO_OFF = 32  # switched off, or the battery is empty
GIVE_UP = 30  # a test was not answered in time

# (phase, signal) -> phase, for events that call for help. What is not here changes nothing.
ALERT = {
    (PHASE_PENDING, PRESS): PHASE_CANCELLED,
    (PHASE_PENDING, EXPIRE): PHASE_RAISED,
    (PHASE_PENDING, SOS): PHASE_RAISED,
    (PHASE_RAISED, HEARD): PHASE_HEARD,
    (PHASE_RAISED, DELIVERED): PHASE_DELIVERED,
    (PHASE_RAISED, ACKNOWLEDGED): PHASE_ACKNOWLEDGED,
    (PHASE_RAISED, RESOLVED): PHASE_RESOLVED,
    (PHASE_HEARD, DELIVERED): PHASE_DELIVERED,
    (PHASE_HEARD, ACKNOWLEDGED): PHASE_ACKNOWLEDGED,
    (PHASE_HEARD, RESOLVED): PHASE_RESOLVED,
    (PHASE_DELIVERED, ACKNOWLEDGED): PHASE_ACKNOWLEDGED,
    (PHASE_DELIVERED, RESOLVED): PHASE_RESOLVED,
    (PHASE_ACKNOWLEDGED, RESOLVED): PHASE_RESOLVED,
    (PHASE_RESOLVED, CLOSE): PHASE_IDLE,
    (PHASE_CANCELLED, CLOSE): PHASE_IDLE,
}
# The same for check in, check out and test: told to the desk, and over.
NOTE = {
    (PHASE_RAISED, HEARD): PHASE_HEARD,
    (PHASE_RAISED, DELIVERED): PHASE_DELIVERED,
    (PHASE_RAISED, RESOLVED): PHASE_RESOLVED,
    (PHASE_HEARD, DELIVERED): PHASE_DELIVERED,
    (PHASE_HEARD, RESOLVED): PHASE_RESOLVED,
    (PHASE_DELIVERED, RESOLVED): PHASE_RESOLVED,
    (PHASE_DELIVERED, CLOSE): PHASE_IDLE,
    (PHASE_RESOLVED, CLOSE): PHASE_IDLE,
}
# A test or a farewell that nobody answered ends; a check in goes on trying.
TEST = dict(NOTE)
TEST[(PHASE_RAISED, GIVE_UP)] = PHASE_IDLE
TEST[(PHASE_HEARD, GIVE_UP)] = PHASE_IDLE

TRANSITIONS: "dict[int, dict[tuple[int, int], int]]" = {
    KIND_STATUS: {},
    KIND_SOS: ALERT,
    KIND_MAN_DOWN: ALERT,
    KIND_ASSIST: ALERT,
    KIND_CHECK_IN: NOTE,
    KIND_CHECK_OUT: NOTE,
    KIND_TEST: TEST,
    KIND_GOING_OFF: TEST,
}

FELT = {
    PHASE_PENDING: signals.PENDING,
    PHASE_RAISED: signals.RECOGNISED,
    PHASE_HEARD: signals.HEARD,
    PHASE_DELIVERED: signals.DELIVERED,
    PHASE_ACKNOWLEDGED: signals.ACKNOWLEDGED,
    PHASE_RESOLVED: signals.RESOLVED,
    PHASE_CANCELLED: signals.NONE,  # what was to be felt of the pending alert stops
}
STAGES = {
    OP_HEARD: PHASE_HEARD,
    OP_DELIVERED: PHASE_DELIVERED,
    OP_ACKNOWLEDGED: PHASE_ACKNOWLEDGED,
    OP_RESOLVED: PHASE_RESOLVED,
}
UNANSWERED = (PHASE_RAISED, PHASE_HEARD)
OPEN = (PHASE_PENDING, PHASE_RAISED, PHASE_HEARD, PHASE_DELIVERED, PHASE_ACKNOWLEDGED)
