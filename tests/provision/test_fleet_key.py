"""tocsin-badge fleet-key: a new key for the fleet, badge by badge, and none falls silent."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.keys import mask_key
from gateway.registry import load_registry
from provision import fleet_keys
from provision.errors import FilesError
from simulator.board import Board
from simulator.ear import Ear
from tests.provision.conftest import Fleet, Outcome, Tool, next_frame, provision
from tests.provision.test_power_cuts import first_frames, traced

EPOCHS = st.integers(0, 15)
FRAMES_BEFORE = 20


def run(tool: Tool, fleet: Fleet, command: str, *more: object) -> Outcome:
    return tool("fleet-key", command, "--registry", fleet.registry, *more)


def renewed(tool: Tool, fleet: Fleet, board: Board) -> Outcome:
    return run(tool, fleet, "renew", "--port", board.port)


def ears_of(fleet: Fleet, number: int) -> dict[int, Ear]:
    """By epoch, as a gateway has them."""
    registry = load_registry(fleet.registry)
    badge_key = registry.badge_key_bytes()[number]
    return {epoch: Ear(key, badge_key) for epoch, key in registry.fleet_key_bytes().items()}


def heard_by(fleet: Fleet, advertisement: bytes) -> tuple[int, int, int]:
    """Epoch, badge and counter of what a gateway hears."""
    epoch = epoch_of(advertisement)
    heard = ears_of(fleet, 1)[epoch].hear(advertisement)
    return epoch, heard.badge, heard.counter


def epoch_of(advertisement: bytes) -> int:
    return advertisement[7] & 15


def on_air(board: Board, epoch: int | None = None) -> bytes:
    """What it says next; with the key of this epoch, though it said more before it had that."""
    for _ in range(FRAMES_BEFORE):
        frame = next_frame(board)
        if epoch in (None, epoch_of(frame)):
            return frame
    raise AssertionError(f"no frame of epoch {epoch}")


def epochs(fleet: Fleet) -> list[int]:
    return [entry.epoch for entry in load_registry(fleet.registry).fleet_keys]


def test_a_new_key_comes_first_and_the_one_until_now_stays(tool: Tool, fleet: Fleet) -> None:
    old = load_registry(fleet.registry)
    fleet.registry.write_text("# In the safe, too.\n" + fleet.registry.read_text())
    done = run(tool, fleet, "rotate")
    assert (done.code, done.error) == (0, "")
    new = load_registry(fleet.registry)
    assert epochs(fleet) == [1, 0]
    assert new.fleet_keys[1] == old.fleet_keys[0]
    assert new.fleet_keys[0].key != old.fleet_keys[0].key
    assert new.badges == old.badges
    assert fleet.registry.read_text().startswith("# In the safe, too.\n")
    assert stat.S_IMODE(fleet.registry.stat().st_mode) == 0o600
    assert "not known to have the current key: badge 1" in done.out
    for entry in new.fleet_keys:
        assert entry.key not in done.out


def test_a_badge_gets_the_new_key_and_keeps_number_keys_and_counters(
    tool: Tool, fleet: Fleet
) -> None:
    with Board(fleet.board) as board:
        before = heard_by(fleet, on_air(board))
        assert run(tool, fleet, "rotate").code == 0
        done = renewed(tool, fleet, board)
        assert (done.code, done.error) == (0, "")
        assert "badge 1 has the fleet key of epoch 1 now" in done.out
        assert "every badge has the current key" in done.out
        after = heard_by(fleet, on_air(board, 1))
    assert before[:2] == (0, 1)
    assert after[:2] == (1, 1)
    assert after[2] > before[2]
    new = load_registry(fleet.registry).fleet_key_bytes()[1]
    assert mask_key(new).hex() in fleet.identity
    assert [entry.number for entry in load_registry(fleet.registry).badges] == [1]


def test_a_badge_that_has_the_current_key_is_left_as_it_is(
    tool: Tool, fleet: Fleet, badge: Board
) -> None:
    before = fleet.identity
    done = renewed(tool, fleet, badge)
    assert done.code == 0
    assert "badge 1 has the fleet key of epoch 0 already" in done.out
    assert fleet.identity == before


def test_after_a_cut_at_every_write_of_a_renewal_a_gateway_hears_the_badge(
    tool: Tool, fleet: Fleet
) -> None:
    assert run(tool, fleet, "rotate").code == 0
    with Board(fleet.board) as board:
        *_, last = heard_by(fleet, on_air(board))

    def renew(board: Board) -> None:
        done = renewed(tool, fleet, board)
        assert done.code == 0, done.error

    found = traced(fleet, renew)
    heard = [heard_by(fleet, frame) for frame in first_frames(fleet, found)]
    assert {epoch for epoch, *_ in heard} == {0, 1}
    assert {badge for _, badge, _ in heard} == {1}
    assert min(counter for *_, counter in heard) > last


@pytest.mark.usefixtures("gone")
def test_a_renewal_cut_short_is_done_by_the_same_command(tool: Tool, fleet: Fleet) -> None:
    assert run(tool, fleet, "rotate").code == 0
    before = fleet.identity

    def pull(board: Board) -> None:
        board.wait_for("interrupted")  # the firmware has been stopped for the tool
        board.unplug()

    with Board(fleet.board) as board:
        puller = threading.Thread(target=pull, args=(board,))
        puller.start()
        first = renewed(tool, fleet, board)
        puller.join()
    assert first.code == 2
    assert "it goes on where it stopped" in first.error or "answers as MicroPython" in first.error
    assert fleet.identity == before
    assert "not known to have the current key: badge 1" in run(tool, fleet, "show").out
    with Board(fleet.board) as board:
        assert renewed(tool, fleet, board).code == 0
        assert heard_by(fleet, on_air(board, 1))[1] == 1


def test_list_says_which_fleet_key_a_badge_has(
    tool: Tool, badge: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PORTS", badge.port)
    assert "badge 1 (fleet key 0), firmware" in tool("list").out


def test_the_previous_key_is_not_given_up_while_a_badge_may_have_it(
    tool: Tool, fleet: Fleet, badge: Board
) -> None:
    assert run(tool, fleet, "rotate").code == 0
    for command in ("rotate", "retire"):
        before = fleet.registry.read_text()
        failed = run(tool, fleet, command)
        assert failed.code == 2
        assert len(failed.error.splitlines()) == 1
        assert fleet.registry.read_text() == before
    assert "badge 1 may still have the fleet key of epoch 0" in failed.error
    assert renewed(tool, fleet, badge).code == 0
    assert run(tool, fleet, "retire").code == 0
    assert epochs(fleet) == [1]
    assert run(tool, fleet, "retire").error.endswith(
        "there is no previous fleet key; nothing to retire\n"
    )


def test_by_force_the_previous_key_goes(tool: Tool, fleet: Fleet) -> None:
    assert run(tool, fleet, "rotate").code == 0
    assert run(tool, fleet, "retire", "--force").code == 0
    assert epochs(fleet) == [1]


def test_a_badge_that_is_provisioned_in_between_gets_the_new_key(
    tool: Tool, fleet: Fleet, badge: Board
) -> None:
    assert run(tool, fleet, "rotate").code == 0
    assert provision(badge, fleet, wearer="Ben O.").code == 0
    assert "not known to have the current key: badge 1\n" in run(tool, fleet, "show").out
    assert on_air(badge, 1)


def test_a_badge_of_another_fleet_gets_no_key(tool: Tool, fleet: Fleet, badge: Board) -> None:
    before = fleet.identity
    key = load_registry(fleet.registry).badges[0].key
    fleet.registry.write_text(fleet.registry.read_text().replace(key, "00" * 16))
    failed = renewed(tool, fleet, badge)
    assert failed.code == 2
    assert "this badge 1 has other keys than" in failed.error
    fleet.registry.write_text(fleet.registry.read_text().split("[[badges]]")[0])
    failed = renewed(tool, fleet, badge)
    assert "badge 1 is not in it; name its fleet's with --registry" in failed.error
    assert fleet.identity == before


def test_a_board_that_is_no_badge_yet_gets_no_key(tool: Tool, fleet: Fleet, bare: Fleet) -> None:
    with Board(bare.board) as board:
        failed = renewed(tool, fleet, board)
    assert failed.code == 2
    assert "no badge yet; run tocsin-badge provision --wearer NAME" in failed.error


@given(epoch=EPOCHS, badges=st.lists(st.integers(1, 0xFFFF), unique=True, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rotating_and_retiring_changes_the_fleets_keys_and_nothing_else(
    tmp_path: Path, epoch: int, badges: list[int]
) -> None:
    path = tmp_path / "registry.toml"
    tables = [f'[[badges]]\nnumber = {number}\nkey = "{number:032x}"\n' for number in badges]
    tables.insert(len(badges) // 2, f'[[fleet_keys]]\nepoch = {epoch}\nkey = "{1:032x}" # old\n')
    path.write_text("# Ours.\n\n" + "# A comment.\n".join(tables))
    path.chmod(0o600)
    before = load_registry(path)
    assert fleet_keys.rotate(path) == (epoch + 1) % 16
    both = load_registry(path)
    assert (both.epoch, both.fleet_keys[1:]) == ((epoch + 1) % 16, before.fleet_keys)
    fleet_keys.retire(path)
    after = load_registry(path)
    assert after.fleet_keys == both.fleet_keys[:1]
    assert after.badges == before.badges
    assert path.read_text().count("# A comment.") == len(badges)


def test_a_registry_in_another_form_is_left_alone_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text('fleet_keys = [{epoch = 0, key = "' + "00" * 16 + '"}]\n')
    path.chmod(0o600)
    before = path.read_text()
    with pytest.raises(FilesError, match=r"not written as \[\[fleet_keys\]\] tables"):
        fleet_keys.rotate(path)
    assert path.read_text() == before
