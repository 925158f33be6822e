"""A power cut at every single write: old or new, never half a badge."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from littlefs import LittleFS, UserContext

from gateway.registry import load_registry
from provision.board import Program
from provision.release import build
from simulator.badge_files import BadgeFiles
from simulator.board import BLOCK_SIZE, Board
from simulator.ear import Ear
from simulator.flash_trace import Cut, cuts
from tests.provision.conftest import Fleet, Tool, next_frame, provision
from wire import WireError

LEAST_UPDATE_CUTS = 100
SIZES = {"read_size": 256, "prog_size": 256}


def traced(fleet: Fleet, work: Callable[[Board], None]) -> list[Cut]:
    """Every cut of a board on which this work was done, up to its first frame on the air."""
    before = BadgeFiles(fleet.directory / "before")
    shutil.copytree(fleet.board.directory, before.directory)
    trace = fleet.directory / "trace"
    with Board(fleet.board, trace=trace) as board:
        work(board)
        board.wait_for("adv")
    return list(cuts(before, trace))


def first_frames(fleet: Fleet, found: list[Cut]) -> Iterator[bytes]:
    """What each of the boards says first when the power is back; all of them must."""

    def start(cut: Cut) -> bytes:
        with Board(cut.put_into(flash_after(fleet, cut))) as board:
            return next_frame(board)

    with ThreadPoolExecutor(4) as pool:
        yield from pool.map(start, found)


def flash_after(fleet: Fleet, cut: Cut) -> BadgeFiles:
    return BadgeFiles(fleet.directory / f"cut-{cut.write}")


def running(files: BadgeFiles) -> dict[str, bytes]:
    """Every file of the firmware that ran last."""
    state = files.read("fw/slot").decode()
    slot = f"/fw/{state[1] if len(state) == 3 else state[0]}"
    context = UserContext(buffer=bytearray(files.image.read_bytes()))
    blocks = len(context.buffer) // BLOCK_SIZE
    system = LittleFS(context=context, block_size=BLOCK_SIZE, block_count=blocks, **SIZES)
    found = {}
    for directory, _, names in system.walk(slot):
        for name in names:
            path = f"{directory}/{name}"
            with system.open(path, "rb") as file:
                found[path.removeprefix(f"{slot}/")] = bytes(file.read())
    return found


def ear_of(fleet: Fleet, number: int) -> Ear:
    registry = load_registry(fleet.registry)
    return Ear(registry.fleet_key_bytes()[0], registry.badge_key_bytes()[number])


def who(ears: tuple[Ear, ...], frame: bytes) -> int:
    """The badge that speaks, which one of the ears must understand."""
    for ear in ears:
        with contextlib.suppress(WireError):
            return ear.hear(frame).badge
    raise AssertionError("keys of no badge")


def test_after_a_cut_at_every_write_of_an_update_the_old_or_the_new_firmware_runs(
    tool: Tool, fleet: Fleet, source: Path, newer: Callable[[str], Path]
) -> None:
    update_source = newer("NEW = 1")

    def update(board: Board) -> None:
        done = tool("flash", "--port", board.port, "--source", update_source)
        assert done.code == 0, done.error

    found = traced(fleet, update)
    assert len(found) > LEAST_UPDATE_CUTS
    ear = ear_of(fleet, 1)
    assert {ear.hear(frame).badge for frame in first_frames(fleet, found)} == {1}
    old, new = (build(path, Program.BADGE, "x64", str).files for path in (source, update_source))
    ran = [running(flash_after(fleet, cut)) for cut in found]
    assert all(files in (old, new) for files in ran)
    assert ran[0] == old
    assert ran[-1] == new


def test_after_a_cut_at_every_write_of_provisioning_the_keys_are_wholly_old_or_new(
    fleet: Fleet,
) -> None:
    def again(board: Board) -> None:
        done = provision(board, fleet, wearer="Ben O.")
        assert done.code == 0, done.error

    found = traced(fleet, again)
    ears = ear_of(fleet, 1), ear_of(fleet, 2)
    assert {who(ears, frame) for frame in first_frames(fleet, found)} == {1, 2}


def test_after_a_cut_at_every_write_of_a_configuration_it_is_old_or_new(
    tool: Tool, fleet: Fleet
) -> None:
    def change(board: Board) -> None:
        done = tool("config", "set", "hold_ms", "1700", "--port", board.port)
        assert done.code == 0, done.error

    found = traced(fleet, change)
    values = set()
    for cut in found:
        with Board(cut.put_into(BadgeFiles(fleet.directory / f"cut-{cut.write}"))) as board:
            shown = tool("config", "get", "hold_ms", "--port", board.port)
            assert shown.code == 0, shown.error
            values.add(shown.out.strip())
    assert values == {"hold_ms = 1500", "hold_ms = 1700  (default 1500)"}
