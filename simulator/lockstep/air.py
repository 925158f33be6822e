"""The air of a run: which advertisement arrives at which hub, and who connects to whom.

Every advertising event is decided by simulator.world.radio. Only those that nobody waits for are
left out, to save time: once a hub has a frame, its repeats come to it once a second, since they
change nothing there but how loud the badge is and when it was heard last.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.badge import Badge
from simulator.lockstep.bond import Bond
from simulator.lockstep.log import Log
from simulator.world.draws import Draws
from simulator.world.link import Link
from simulator.world.radio import BadgeRadio

DELAY_MS = 10  # advDelay: at random in each interval (Core Specification, Vol 6, Part B, 4.4.2.2)
AGAIN_MS = 1_000
_NOBODY_MS = 1_000
_AFTER_BADGES = 1 << 16  # at the same time, badges act before what they said is heard
_LEGACY_AT = 7  # flags and the head of the manufacturer data: what comes after is the frame

Heard = Callable[[str, Badge, int, bytes], None]


class Air:
    """on_heard: told hub, badge, RSSI in dBm and frame. listens: whether a hub's radio does."""

    def __init__(
        self,
        agenda: Agenda,
        log: Log,
        draws: Draws,
        on_heard: Heard,
        listens: Callable[[str], bool],
    ) -> None:
        self.noise = 0.0  # the share of all packets that something unknown spoils
        self.twice = 0.0  # the share that a hub's stack tells twice
        self.overheard: Callable[[bytes], object] = lambda _: None  # told each command of a hub
        self._agenda = agenda
        self._log = log
        self._draws = draws.under("air")
        self._on_heard = on_heard
        self._listens = listens
        self._speakers: dict[int, _Speaker] = {}
        self._addresses: dict[int, _Speaker] = {}

    def join(self, badge: Badge, radio: BadgeRadio) -> None:
        """A badge is on this air."""
        self._speakers[badge.number] = _Speaker(badge, radio)

    def speakers(self) -> Mapping[int, "_Speaker"]:
        """All badges, by number."""
        return self._speakers

    def changed(self, badge: Badge) -> None:
        """A badge says something else now, or nothing."""
        speaker = self._speakers.get(badge.number)
        if speaker is None:
            return
        speaker.begin()
        self._report(speaker)
        speaks = badge.speaks
        if speaks is None:
            speaker.radio.advertise(None)
            return
        speaker.radio.advertise(speaks.interval_ms)
        self._addresses[badge.address] = speaker
        self._later(speaker, self._jitter(speaker))

    def moved(self, number: int) -> None:
        """A badge is somewhere else: hubs may hear it that did not."""
        speaker = self._speakers[number]
        if speaker.due is not None and speaker.due.call is not None and speaker.skipping:
            speaker.due.call_off()
            self._later(speaker, self._jitter(speaker))

    def dial(
        self,
        hub: str,
        address: int,
        *,
        on_bond: Callable[[Bond], None],
        on_reply: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> Callable[[], None]:
        """Connects with the next advertisement that allows it; returns how to stop trying."""
        call = _Call(hub, address, on_bond, on_reply, on_end)
        speaker = self._addresses.get(address)
        if speaker is not None:
            speaker.calls.append(call)
            self.moved(speaker.badge.number)
            return lambda: speaker.hang_up(call)
        return lambda: None

    def reaches(self, number: int) -> bool:
        """Whether any hub that is on could hear this badge where it is, more often than not."""
        speaker = self._speakers[number]
        return any(link.expected() > 0.5 for link in speaker.links if self._listens(link.hub.name))

    # -- events -------------------------------------------------------------

    def _event(self, speaker: "_Speaker") -> None:
        speaks = speaker.badge.speaks
        if speaks is None:
            return
        speaker.events += 1
        now_ms = self._agenda.now_ms
        frame = speaks.payload[_LEGACY_AT:]
        next_ms: float = float("inf")
        for link in speaker.links:
            hub = link.hub.name
            if not link.audible or not self._listens(hub):
                continue
            if now_ms < speaker.again_ms.get(hub, 0) and not speaker.called_by(hub):
                next_ms = min(next_ms, speaker.again_ms[hub])
                continue
            next_ms = min(next_ms, now_ms)
            if self._arrives(speaker, link, now_ms):
                speaker.again_ms[hub] = now_ms + AGAIN_MS
                self._hear(speaker, hub, frame)
        if speaker.badge.speaks is not speaks:
            return  # what was heard has changed it
        self._next(speaker, speaks.interval_ms, next_ms)

    def _arrives(self, speaker: "_Speaker", link: Link, now_ms: int) -> bool:
        speaker.sent[link.hub.name] += 1
        reception = link.event(now_ms, speaker.events)
        lost = reception.lost
        if not lost and self.noise:
            draw = self._draws.uniform("noise", speaker.badge.number, speaker.events, link.hub.name)
            lost = "noise" if draw < self.noise else ""
        if lost:
            speaker.lost[link.hub.name, lost] += 1
        speaker.rssi = reception.rssi_dbm
        return not lost

    def _hear(self, speaker: "_Speaker", hub: str, frame: bytes) -> None:
        badge, rssi = speaker.badge, speaker.rssi
        self._on_heard(hub, badge, rssi, frame)
        if self.twice and self._draws.uniform("twice", badge.number, speaker.events) < self.twice:
            self._on_heard(hub, badge, rssi, frame)
        call = speaker.called_by(hub)
        if call is not None and badge.speaks is not None and badge.speaks.connectable:
            speaker.hang_up(call)
            self._connect(speaker, call)

    def _connect(self, speaker: "_Speaker", call: "_Call") -> None:
        link = next(one for one in speaker.links if one.hub.name == call.hub)
        agenda, badge = self._agenda, speaker.badge
        speaker.bonds += 1
        first = speaker.bonds << 16

        def carries(packet: int) -> bool:
            now_ms, number = agenda.now_ms, first + packet
            there = link.carries(now_ms, number, to_badge=True)
            return there and link.carries(now_ms, number, to_badge=False)

        def reaches() -> bool:
            return link.audible and self._listens(call.hub)

        bond = Bond(
            agenda, badge, carries, reaches,
            on_reply=call.on_reply, on_end=call.on_end, overheard=self.overheard,
        )  # fmt: skip
        if bond.alive:
            call.on_bond(bond)

    def _next(self, speaker: "_Speaker", interval_ms: int, next_ms: float) -> None:
        now_ms = self._agenda.now_ms
        pause_ms = interval_ms + self._jitter(speaker)
        if next_ms == float("inf"):
            speaker.skipping = True
            self._later(speaker, max(_NOBODY_MS, pause_ms))
            return
        skipped = max(0, int(next_ms - now_ms)) // interval_ms
        speaker.skipping = skipped > 0
        speaker.events += skipped
        self._later(speaker, pause_ms + skipped * interval_ms)

    def _later(self, speaker: "_Speaker", ms: int) -> None:
        rank = _AFTER_BADGES + speaker.badge.number
        speaker.due = self._agenda.at(self._agenda.now_ms + ms, self._event, speaker, rank=rank)

    def _jitter(self, speaker: "_Speaker") -> int:
        word = self._draws.word("delay", speaker.badge.number, speaker.events)
        return word % (DELAY_MS + 1)

    def _report(self, speaker: "_Speaker") -> None:
        """What became of the packets of the frame before, hub by hub."""
        for hub in speaker.sent:
            lost = {cause: n for (at, cause), n in speaker.lost.items() if at == hub}
            self._log.note(
                "air", "carried", badge=speaker.badge.number, hub=hub,
                sent=speaker.sent[hub], lost=lost,
            )  # fmt: skip
        speaker.sent.clear()
        speaker.lost.clear()


class _Call:
    """A hub that wants to connect."""

    def __init__(
        self,
        hub: str,
        address: int,
        on_bond: Callable[[Bond], None],
        on_reply: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        self.hub = hub
        self.address = address
        self.on_bond = on_bond
        self.on_reply = on_reply
        self.on_end = on_end


class _Speaker:
    """A badge on the air, and what has become of what it says."""

    def __init__(self, badge: Badge, radio: BadgeRadio) -> None:
        self.badge = badge
        self.radio = radio
        self.links = radio.links
        self.due: Due | None = None
        self.events = 0
        self.bonds = 0
        self.rssi = 0
        self.skipping = False
        self.payload = b""
        self.again_ms: dict[str, int] = {}
        self.calls: list[_Call] = []
        self.sent: Counter[str] = Counter()
        self.lost: Counter[tuple[str, str]] = Counter()

    def begin(self) -> None:
        """It says something else."""
        if self.due is not None:
            self.due.call_off()
            self.due = None
        speaks = self.badge.speaks
        if speaks is None or speaks.payload != self.payload:
            self.again_ms.clear()
            self.payload = b"" if speaks is None else speaks.payload

    def called_by(self, hub: str) -> _Call | None:
        """The hub's wish to connect to the address that the badge has now."""
        for call in self.calls:
            if call.hub == hub and call.address == self.badge.address:
                return call
        return None

    def hang_up(self, call: _Call) -> None:
        if call in self.calls:
            self.calls.remove(call)
