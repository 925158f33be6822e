"""Which frames are taken: unmask, look up, replay, verify (docs/protocol.md, Frame).

Pure: a frame and the time come in, a verdict goes out. Strangers' frames are
most of what a scanner hears, so a rejection makes no object and costs one
block of AES at most.

That an unseen event is never dropped is the desk's rule. Here the counter
rules alone: a badge never uses one twice, so what is not above the highest was
heard already, whatever event it names.
"""

from struct import pack
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gateway.keys import block_cipher, mask_key, seal_key
from gateway.registry import Registry
from wire import WireError
from wire.frame import FRAME_LENGTH, VERSION, Report, decode_report, minute_of
from wire.seal import FRAME_TAG_LENGTH

REASONS = ("length", "version", "epoch", "badge", "replay", "tag", "reserved")
CLOCK_SET_MS = 1_735_689_600_000  # 2025: a host that says less has not set its clock
STALE_MINUTES = 3
_NOTHING_ACCEPTED = -1


class Accepted(NamedTuple):
    """A frame never seen before; stale: its clock and ours disagree; place: a button's."""

    badge: int
    counter: int
    report: Report
    stale: bool
    frame: bytes
    place: str | None = None


class Repeated(NamedTuple):
    """The badge's latest accepted frame once more."""

    badge: int
    counter: int
    report: Report


Hearing = Accepted | Repeated


class Intake:
    """The acceptance rules, with the highest accepted counter of every badge.

    rejected: how many frames were refused, by reason.
    """

    def __init__(self, registry: Registry) -> None:
        self.rejected = dict.fromkeys(REASONS, 0)
        self._latest: dict[bytes, Repeated] = {}
        self._speakers: dict[int, _Speaker] = {}
        self.renew(registry)

    def renew(self, registry: Registry) -> None:
        """Take badges and keys of another registry; whose key stayed keeps the counter."""
        self._masks = {
            VERSION << 4 | epoch: block_cipher(mask_key(key))
            for epoch, key in registry.fleet_key_bytes().items()
        }
        before, self._speakers = self._speakers, {}
        for number, key in registry.badge_key_bytes().items():
            known = before.pop(number, None)
            if known is None or known.key != key:
                self._forget(known)
                known = _Speaker(key)
            self._speakers[number] = known
        for gone in before.values():
            self._forget(gone)

    def restore(self, badge: int, counter: int, frame: bytes) -> bool:
        """Take up what was accepted before a restart: nothing up to it is accepted again.

        False: the frame does not prove the counter, because the database was damaged or
        the badge has a new key. Such a counter is not believed: too high a one would
        silence the badge. What is played again meanwhile is no new event to the desk.
        """
        speaker = self._speakers.get(badge)
        if speaker is None:
            return True
        report = _open(speaker, frame, badge, counter)
        if not isinstance(report, Report):
            return False
        speaker.highest = counter
        self._remember(speaker, Repeated(badge, counter, report), frame)
        return True

    def hear(self, now_ms: int, frame: bytes) -> Hearing | None:
        """The verdict on a frame of any bytes; None: refused, and counted under its reason."""
        repeated = self._latest.get(frame)
        if repeated is not None:
            return repeated
        if len(frame) != FRAME_LENGTH:
            self.rejected["length"] += 1
            return None
        mask = self._masks.get(frame[0])
        if mask is None:
            self.rejected["epoch" if frame[0] >> 4 == VERSION else "version"] += 1
            return None
        stream = mask(frame[8:])
        badge = frame[1] ^ stream[0] | (frame[2] ^ stream[1]) << 8
        speaker = self._speakers.get(badge)
        if speaker is None:
            self.rejected["badge"] += 1
            return None
        counter = int.from_bytes(frame[3:7], "little") ^ int.from_bytes(stream[2:6], "little")
        if counter <= speaker.highest:
            self.rejected["replay"] += 1
            return None
        return self._verify(now_ms, speaker, badge, counter, frame)

    def _verify(
        self, now_ms: int, speaker: "_Speaker", badge: int, counter: int, frame: bytes
    ) -> Accepted | None:
        report = _open(speaker, frame, badge, counter)
        if not isinstance(report, Report):
            self.rejected[report] += 1
            return None
        speaker.highest = counter
        self._remember(speaker, Repeated(badge, counter, report), frame)
        return Accepted(badge, counter, report, is_stale(now_ms, report.minute), frame)

    def _remember(self, speaker: "_Speaker", repeated: Repeated, frame: bytes) -> None:
        self._latest.pop(speaker.frame, None)
        self._latest[frame] = repeated
        speaker.frame = frame

    def _forget(self, speaker: "_Speaker | None") -> None:
        if speaker is not None:
            self._latest.pop(speaker.frame, None)


class _Speaker:
    """A registered badge: its cipher, and the latest frame accepted from it."""

    __slots__ = ("cipher", "frame", "highest", "key")

    def __init__(self, badge_key: bytes) -> None:
        self.key = badge_key
        self.cipher = AESCCM(seal_key(badge_key), tag_length=FRAME_TAG_LENGTH)
        self.highest = _NOTHING_ACCEPTED
        self.frame = b""


def _open(speaker: _Speaker, frame: bytes, badge: int, counter: int) -> Report | str:
    """What a frame says, or the reason why it is not taken."""
    if len(frame) != FRAME_LENGTH:
        return "length"
    nonce = pack("<BHI6x", frame[0], badge, counter)
    try:
        return decode_report(speaker.cipher.decrypt(nonce, frame[7:], None))
    except InvalidTag:
        return "tag"
    except WireError as error:
        return error.reason


def is_stale(now_ms: int, minute: int | None) -> bool:
    """Whether a minute byte is more than 3 minutes off; False while either clock is not set."""
    if minute is None or now_ms < CLOCK_SET_MS:
        return False
    behind = minute_of(now_ms // 1000) - minute & 0xFF
    return STALE_MINUTES < behind < 0x100 - STALE_MINUTES
