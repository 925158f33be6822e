"""A connection to a badge: loss is delay, order is kept, and it ends when nothing gets through."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.bond import DISCOVERY_EVENTS, INTERVAL_MS, SUPERVISION_MS, Bond
from simulator.world.draws import Draws


class World:
    """A badge's end and a hub's; and a link layer whose packets get through by chance.

    share: of the packets that get through. lost: the first packets, which do not.
    """

    def __init__(self, seed: int = 1, share: float = 1.0, lost: int = 0) -> None:
        self.agenda = Agenda()
        self.reached = True
        self.commands: list[tuple[int, bytes]] = []
        self.overheard: list[bytes] = []
        self.replies: list[tuple[int, bytes]] = []
        self.ends: list[int] = []
        self.badge_ends: list[int] = []
        draws = Draws(seed)
        self.bond = Bond(
            self.agenda,
            self,
            lambda packet: packet > lost and draws.uniform(packet) < share,
            lambda: self.reached,
            on_reply=lambda sealed: self.replies.append((self.agenda.now_ms, sealed)),
            on_end=lambda: self.ends.append(self.agenda.now_ms),
            overheard=self.overheard.append,
        )

    def bonded(self, bond: Bond) -> int | None:
        return 0

    def unbonded(self, bond: Bond) -> None:
        self.badge_ends.append(self.agenda.now_ms)

    def written(self, bond: Bond, sealed: bytes) -> None:
        self.commands.append((self.agenda.now_ms, sealed))

    def wait(self, ms: int) -> None:
        self.agenda.run(self.agenda.now_ms + ms)


sendings = st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=15)


@given(st.integers(0, 100), st.floats(0.4, 1.0), sendings)
def test_all_that_is_sent_arrives_once_in_order_and_late_by_what_was_lost(
    seed: int, share: float, sent: list[tuple[int, bool]]
) -> None:
    world = World(seed, share)
    times: dict[bytes, int] = {}
    for number, (pause_ms, is_command) in enumerate(sent):
        word = b"%03d" % number
        times[word] = world.agenda.now_ms
        (world.bond.write if is_command else world.bond.notify)(word)
        world.wait(pause_ms)
    world.wait(2 * SUPERVISION_MS)
    if world.ends:  # by chance so many in a row were lost
        assert world.ends == world.badge_ends
        return
    for arrived, meant in ((world.commands, True), (world.replies, False)):
        words = [word for _, word in arrived]
        assert words == [b"%03d" % n for n, (_, command) in enumerate(sent) if command == meant]
        for at_ms, word in arrived:
            assert at_ms - times[word] >= INTERVAL_MS
    assert world.overheard == [word for _, word in world.commands]


@given(st.integers(0, 132))
def test_each_lost_packet_costs_one_interval(lost: int) -> None:
    world = World(lost=lost)
    world.bond.write(b"command")
    world.wait(SUPERVISION_MS - 1)
    assert world.commands == [((lost + 1) * INTERVAL_MS, b"command")]
    assert not world.ends


def test_when_nothing_gets_through_for_the_supervision_timeout_both_ends_are_told() -> None:
    world = World(share=0.0)
    world.bond.write(b"command")
    world.wait(SUPERVISION_MS - 1)
    assert world.bond.alive
    world.wait(1)
    assert not world.bond.alive
    assert world.ends == world.badge_ends == [SUPERVISION_MS]
    assert not world.commands


@given(st.integers(0, 20_000))
def test_a_badge_out_of_reach_is_missed_within_the_supervision_timeout_though_nothing_is_sent(
    gone_ms: int,
) -> None:
    world = World()
    world.wait(gone_ms)
    world.reached = False
    world.wait(2 * SUPERVISION_MS)
    assert world.ends == world.badge_ends
    assert 0 < world.ends[0] - gone_ms <= SUPERVISION_MS


def test_a_badge_within_reach_stays_connected() -> None:
    world = World()
    world.wait(2 * 3_600_000)
    assert world.bond.alive


def test_a_moment_out_of_reach_ends_nothing() -> None:
    world = World()
    for _ in range(50):
        world.reached = False
        world.wait(1_500)
        world.reached = True
        world.wait(3_700)
    assert world.bond.alive


@given(st.integers(0, 100), st.floats(0.0, 1.0))
def test_to_find_out_what_a_badge_offers_takes_an_interval_a_question_at_least(
    seed: int, share: float
) -> None:
    world = World(seed, share)
    took_ms = world.bond.discovery_ms()
    assert DISCOVERY_EVENTS * INTERVAL_MS <= took_ms <= DISCOVERY_EVENTS * (SUPERVISION_MS + 20)
    assert took_ms % INTERVAL_MS == 0
    assert (took_ms == DISCOVERY_EVENTS * INTERVAL_MS) or share < 1.0


def test_after_its_end_nothing_arrives_and_nobody_is_told_twice() -> None:
    world = World()
    world.bond.write(b"1")
    world.bond.notify(b"2")
    world.bond.end()
    world.bond.end()
    world.bond.write(b"3")
    world.wait(3 * SUPERVISION_MS)
    assert (world.commands, world.replies, world.ends, world.badge_ends) == ([], [], [0], [0])


def test_where_the_badge_has_gone_there_is_no_connection() -> None:
    class Gone(World):
        def bonded(self, bond: Bond) -> int | None:
            return None

    world = Gone()
    world.bond.write(b"1")
    world.wait(10_000)
    assert not world.bond.alive
    assert (world.commands, world.ends, world.badge_ends) == ([], [], [])
