"""Which presses of buttons on walls are taken (docs/protocol.md, Buttons).

Pure: service data and the time come in, a verdict goes out, of the same kind
as intake's. The event number comes out of the frame itself, so that every
gateway that hears a press names the same event.
"""

from collections import Counter
from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

from gateway.bthome import UNKNOWN_PRESS, Said, counter_of, open_frame, refusal, speaker_of
from gateway.intake import Accepted, Hearing, Repeated
from gateway.registry import ButtonKey, Meaning
from wire.frame import (
    KIND_ASSIST,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_IDLE,
    PHASE_RAISED,
    Report,
)

REASONS = ("unknown", "malformed", "plain", "replay", "tag")
BURST_MS = 4_000
OVERTAKEN_MS = 5_000
EVENTS = 0xFFFF
_STRONGEST_FIRST: tuple[Meaning, ...] = ("sos", "assist", "test")
_KINDS = {"sos": KIND_SOS, "assist": KIND_ASSIST, "test": KIND_TEST}
_NO_PACKET = -1
_MEMORY = Struct("<QhB")  # of the latest press: when it was first heard, packet id, kind
_NOTHING_ACCEPTED = -1


class Buttons:
    """The acceptance rules for buttons, with the highest accepted counter of each.

    rejected: how many frames were refused, by reason.
    """

    def __init__(self, buttons: Iterable[ButtonKey]) -> None:
        self.rejected = dict.fromkeys(REASONS, 0)
        self._set_back: Counter[int] = Counter()
        self._buttons: dict[int, _Button] = {}
        self._at: dict[str, _Button] = {}
        self.renew(buttons)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all buttons."""
        return tuple(self._buttons)

    def renew(self, buttons: Iterable[ButtonKey]) -> None:
        """Take the buttons of another registry; one whose key stayed keeps its counter."""
        before, self._buttons = self._buttons, {}
        for entry in buttons:
            button = self._buttons[entry.number] = _Button(entry)
            if (known := before.get(entry.number)) is not None and button.is_same(known):
                button.take_over(known)
        self._at = {button.address: button for button in self._buttons.values()}

    def restore(self, number: int, counter: int, memory: bytes) -> bool:
        """Take up what was accepted before a restart: nothing up to it is accepted again.

        False: the memory does not prove the counter, so the database was damaged or the
        button has a new key. Too high a counter would silence the button.
        """
        button = self._buttons.get(number)
        return button is None or button.restore(counter, memory)

    def hear(self, now_ms: int, address: str, payload: bytes) -> Hearing | None:
        """The verdict on service data of any bytes; None: refused, and counted."""
        button = self._at.get(speaker_of(address, payload))
        if button is None:
            self._count("unknown")
            return None
        if button.latest is not None and payload == button.payload:
            return button.latest
        if reason := refusal(payload):
            self._count(reason)
            return None
        counter = counter_of(payload)
        if counter <= button.highest:
            self._doubt(now_ms, button, payload)
            self._count("replay")
            return None
        said = open_frame(button.address, button.key, payload)
        if said is None:
            self._count("tag")
            return None
        return button.accept(now_ms, counter, said, payload)

    def take_set_back(self) -> dict[int, int]:
        """Buttons that counted backwards since the last call, and how many frames of each."""
        found, self._set_back = self._set_back, Counter()
        return dict(found)

    def warnings(self) -> tuple[str, ...]:
        """What supervisors must see: each button whose latest word was of an old counter.

        Either somebody plays a recording, or the button forgot its counter with
        its battery, and every press of it is lost until it gets a new key.
        """
        doubted = sorted(button.number for button in self._at.values() if button.set_back)
        return tuple(f"button {number} counts backwards" for number in doubted)

    def _doubt(self, now_ms: int, button: "_Button", payload: bytes) -> None:
        # Of two radios one may be slower: what was overtaken just now is no wonder.
        overtaken = 0 <= now_ms - button.heard_ms < OVERTAKEN_MS
        if not overtaken and open_frame(button.address, button.key, payload) is not None:
            button.set_back = True
            self._set_back[button.number] += 1

    def _count(self, reason: str) -> None:
        self.rejected[reason] += 1


class _Press(NamedTuple):
    """A press: when it was first heard, its packet id or -1, its kind."""

    first_ms: int
    packet: int
    kind: int


class _Button:
    """A registered button, and the latest that was accepted from it."""

    def __init__(self, entry: ButtonKey) -> None:
        self.number, self.place = entry.number, entry.place
        self.address, self.key = entry.address.upper(), bytes.fromhex(entry.key)
        self.highest = _NOTHING_ACCEPTED
        self.heard_ms = -OVERTAKEN_MS
        self.set_back = False
        self.payload = b""
        self.latest: Repeated | None = None
        self.press = _Press(0, _NO_PACKET, KIND_STATUS)
        self._meanings: dict[str, Meaning] = {
            "press": entry.single,
            "double_press": entry.double,
            "triple_press": entry.triple,
            "long_press": entry.long,
            "long_double_press": entry.long,
            "long_triple_press": entry.long,
            "hold_press": entry.long,
            # The press before it may have been lost on the air; the desk joins the two.
            "hold_release": entry.long,
            UNKNOWN_PRESS: entry.single,
        }

    def is_same(self, other: "_Button") -> bool:
        """Whether it is the same thing on the wall: what its presses say may have changed."""
        return (self.address, self.key) == (other.address, other.key)

    def take_over(self, other: "_Button") -> None:
        """Go on where the same button was."""
        self.highest, self.heard_ms = other.highest, other.heard_ms
        self.payload, self.latest, self.press = other.payload, other.latest, other.press

    def restore(self, counter: int, memory: bytes) -> bool:
        """Be as after the frame in this memory; False when it is not this button's."""
        payload = memory[_MEMORY.size :]
        if refusal(payload) or counter_of(payload) != counter:
            return False
        said = open_frame(self.address, self.key, payload)
        if said is None:
            return False
        self.highest, self.press = counter, _Press(*_MEMORY.unpack_from(memory))
        self.remember(payload, self.report(said, None))
        return True

    def accept(self, now_ms: int, counter: int, said: Said, payload: bytes) -> Accepted:
        """The report of a frame with a counter above all before and a right tag."""
        self.highest, self.heard_ms, self.set_back = counter, now_ms, False
        kind = self._kind(said)
        if kind is not None:
            packet = _NO_PACKET if said.packet is None else said.packet
            if self._is_burst(now_ms, packet, kind):
                kind = None
            else:
                self.press = _Press(now_ms, packet, kind)
        report = self.report(said, kind)
        self.remember(payload, report)
        memory = _MEMORY.pack(*self.press) + payload
        return Accepted(self.number, counter, report, False, memory, self.place)

    def report(self, said: Said, kind: int | None) -> Report:
        """A raised event; without a kind a sign of life."""
        if kind is None:
            return Report(KIND_STATUS, PHASE_IDLE, 0, battery=said.battery)
        return Report(kind, PHASE_RAISED, event_of(self.highest), battery=said.battery)

    def remember(self, payload: bytes, report: Report) -> None:
        self.payload, self.latest = payload, Repeated(self.number, self.highest, report)

    def _kind(self, said: Said) -> int | None:
        meant = {self._meanings.get(press, "nothing") for press in said.presses}
        return next((_KINDS[meaning] for meaning in _STRONGEST_FIRST if meaning in meant), None)

    def _is_burst(self, now_ms: int, packet: int, kind: int) -> bool:
        """Whether a press is one that was heard just now, in a frame with a counter of its own."""
        same = packet != _NO_PACKET and (packet, kind) == (self.press.packet, self.press.kind)
        return same and 0 <= now_ms - self.press.first_ms < BURST_MS


def event_of(counter: int) -> int:
    """The event number, 1 to 65535, of a press with this encryption counter."""
    return counter % EVENTS + 1
