"""A badge that is provisioned or renewed with an event open: no alert is lost by mistake."""

import contextlib

import pytest

from badge.journal import Journal, encode
from simulator.board import Board
from simulator.ear import Ear, Heard
from tests.provision.conftest import Fleet, Tool, next_frame, provision
from tests.provision.test_fleet_key import ears_of
from tests.provision.test_power_cuts import ear_of
from wire import WireError
from wire.frame import (
    KIND_CHECK_IN,
    KIND_SOS,
    KIND_STATUS,
    PHASE_ACKNOWLEDGED,
    PHASE_CANCELLED,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    PHASE_RESOLVED,
)

EVENT = 3
BOUND = 5_000
LATER = 1_000  # a sequence number after all that the badge has written itself


def in_the_middle_of(fleet: Fleet, kind: int, phase: int, *, visit: bool = False) -> None:
    """What is on the flash of a badge to which that has happened."""
    record = encode(Journal(BOUND, EVENT, kind, phase, visit), LATER)
    fleet.board.write("journal.0", record)


def heard_from(board: Board, ear: Ear) -> Heard:
    """What it says with the keys of this ear; what it said with others before is passed over."""
    while True:
        with contextlib.suppress(WireError):
            return ear.hear(next_frame(board))


def said_until_now(board: Board) -> None:
    """Passes over it."""
    while not board.said.empty():
        board.said.get()


@pytest.mark.parametrize(
    ("kind", "phase", "told"),
    [
        (KIND_SOS, PHASE_PENDING, "event 3: sos, pending"),
        (KIND_SOS, PHASE_RAISED, "event 3: sos, raised"),
        (KIND_SOS, PHASE_HEARD, "event 3: sos, heard"),
        (KIND_SOS, PHASE_DELIVERED, "event 3: sos, delivered"),
        (KIND_SOS, PHASE_ACKNOWLEDGED, "event 3: sos, acknowledged"),
        (KIND_CHECK_IN, PHASE_RAISED, "event 3: check_in, raised"),
    ],
)
def test_a_badge_with_an_open_event_keeps_its_number_and_calls_on(
    fleet: Fleet, kind: int, phase: int, told: str
) -> None:
    in_the_middle_of(fleet, kind, phase)
    before = [path.read_text() for path in (fleet.registry, fleet.desk)]
    with Board(fleet.board) as board:
        board.wait_for("adv")
        failed = provision(board, fleet, wearer="Ben O.")
        assert failed.code == 2
        assert f"badge 1 has an open event ({told}): with a new number" in failed.error
        assert "resolve it at the desk first, or use --force" in failed.error
        assert len(failed.error.splitlines()) == 1
        said_until_now(board)
        heard = heard_from(board, ear_of(fleet, 1))
    assert (heard.badge, heard.report.event, heard.report.kind) == (1, EVENT, kind)
    assert [path.read_text() for path in (fleet.registry, fleet.desk)] == before


def test_by_force_the_next_wearer_gets_neither_the_event_nor_the_visit(fleet: Fleet) -> None:
    in_the_middle_of(fleet, KIND_SOS, PHASE_RAISED, visit=True)
    with Board(fleet.board) as board:
        done = provision(board, fleet, "--force", wearer="Ben O.")
        assert done.code == 0, done.error
        assert "event 3: sos, raised: over on the badge; end its alert at the desk" in done.out
        heard = heard_from(board, ear_of(fleet, 2))
    assert (heard.badge, heard.report.kind, heard.report.phase) == (2, KIND_STATUS, PHASE_IDLE)
    assert heard.counter >= BOUND  # a second run under the same number repeats none
    assert fleet.board.read("journal.0")[1] == fleet.board.read("journal.1")[1] == 0  # no visit


@pytest.mark.parametrize("phase", [PHASE_IDLE, PHASE_RESOLVED, PHASE_CANCELLED])
def test_an_event_that_is_over_is_no_obstacle(fleet: Fleet, phase: int) -> None:
    in_the_middle_of(fleet, KIND_SOS, phase)
    with Board(fleet.board) as board:
        done = provision(board, fleet, wearer="Ben O.")
    assert done.code == 0, done.error


def test_a_running_visit_ends_with_its_wearer(fleet: Fleet) -> None:
    in_the_middle_of(fleet, KIND_CHECK_IN, PHASE_IDLE, visit=True)
    with Board(fleet.board) as board:
        done = provision(board, fleet, wearer="Ben O.")
        assert done.code == 0, done.error
        heard_from(board, ear_of(fleet, 2))  # its first own frame comes after its first own record
    assert all(fleet.board.read(name)[1] == 0 for name in ("journal.0", "journal.1"))


def test_when_the_files_cannot_be_used_the_event_is_not_ended(fleet: Fleet) -> None:
    in_the_middle_of(fleet, KIND_SOS, PHASE_RAISED)
    (fleet.directory / "badge-numbers.json").write_text("{")
    with Board(fleet.board) as board:
        assert provision(board, fleet, "--force", wearer="Ben O.").code == 2
        said_until_now(board)
        heard = heard_from(board, ear_of(fleet, 1))
    assert (heard.report.event, heard.report.phase) == (EVENT, PHASE_RAISED)


def test_a_badge_with_an_open_event_is_not_renewed_but_by_force(tool: Tool, fleet: Fleet) -> None:
    in_the_middle_of(fleet, KIND_SOS, PHASE_RAISED)
    assert tool("fleet-key", "rotate", "--registry", fleet.registry).code == 0
    renew = ("fleet-key", "renew", "--registry", fleet.registry)
    with Board(fleet.board) as board:
        failed = tool(*renew, "--port", board.port)
        assert failed.code == 2
        assert "a gateway without the new key would hear it no more" in failed.error
        assert tool(*renew, "--port", board.port, "--force").code == 0
        heard = heard_from(board, ears_of(fleet, 1)[1])
    assert (heard.report.event, heard.report.phase) == (EVENT, PHASE_RAISED)
