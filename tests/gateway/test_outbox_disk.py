"""A disk that is full, read-only or failing: alerts go out, and nobody is told a lie."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.contract.messages import Report, decode
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.engine import RETRY_MS, Engine
from gateway.intake import Intake
from gateway.registry import BadgeKey, FleetKey, Registry
from gateway.relay import Relay
from gateway.steps import Acknowledged, Heard, LinkChanged, Put, Row, Tick, Urgency
from tests.gateway.conftest import BADGES, FLEET_KEYS, Speaker, badge_key
from wire.command import OP_HEARD
from wire.frame import KIND_STATUS, PHASE_IDLE

NOW_MS = 1_790_000_000_000
RESERVE = 256 * 1024


class Hub:
    """Relay, engine and outbox on some disk, a broker that is there, badges in range."""

    def __init__(self, folder: Path, registry, speaker) -> None:
        self.now_ms = NOW_MS
        self.badges = {number: speaker(number) for number in (1, 2)}
        self.events: list[Report] = []
        self.told: list[int] = []
        self.flying: list[int] = []
        self.path = folder / "gateway.db"
        self.intake = Intake(registry)
        self.outbox = Outbox(self.path, reserve_bytes=RESERVE)
        relay = Relay("hub-1", Topics("demo"), (1, 2), self.outbox.restored())
        self.relay, self.engine = relay, Engine(relay, self.outbox, self, self)
        self.engine.turn(self.now_ms, (LinkChanged(True),))

    def publish(self, row_id: int, letter) -> None:
        self.flying.append(row_id)
        if "/event/" in letter.topic:
            self.events.append(decode(Report, letter.topic, letter.payload))

    def send(self, effect) -> None:
        pass

    def write(self, order) -> None:
        if order.command.opcode == OP_HEARD:
            self.told.append(order.command.event)

    def disconnect(self, badge: int) -> None:
        pass

    def press(self, event: int, badge: int = 1) -> None:
        self.hear(self.badges[badge].say(event=event))

    def beat(self, badge: int = 2) -> None:
        self.hear(self.badges[badge].say(KIND_STATUS, PHASE_IDLE, 0))

    def hear(self, frame: bytes) -> None:
        hearing = self.intake.hear(self.now_ms, frame)
        assert hearing is not None
        self.engine.turn(self.now_ms, (Heard(hearing, "address", -50), Tick()))

    def wait(self) -> None:
        """A second passes, and the broker acknowledges."""
        self.now_ms += RETRY_MS
        flown, self.flying = self.flying, []
        self.engine.turn(self.now_ms, (*map(Acknowledged, flown), Tick()))
        self.engine.tidy()

    def on_disk(self) -> set[tuple[int, int]]:
        """The events that another run would find."""
        self.outbox.close()
        outbox = Outbox(self.path)
        found = {(entry.badge, entry.event) for entry in outbox.restored().awaiting}
        outbox.close()
        return found


class SmallDisk:
    """A file system of 2 MB in memory: a real one, so that what is full is full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filler = folder / "filler"

    def fill(self) -> None:
        """Somebody else takes every byte that is left."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (65_536, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with ExitStack() as stack:
        folder = tmp_path / "disk"
        folder.mkdir()
        command = ("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            stack.callback(subprocess.run, ("umount", "-l", str(folder)), check=True)
        else:  # a container that may not mount has at least this one, of 64 MB
            folder = Path("/dev/shm") / f"tocsin-{os.getpid()}"
            folder.mkdir()
            stack.callback(folder.rmdir)
            stack.callback(lambda: [file.unlink() for file in folder.iterdir()])
        yield SmallDisk(folder)


def test_a_full_disk_takes_alerts_from_its_reserve_and_the_badge_is_told(disk, registry, speaker):
    hub = Hub(disk.folder, registry, speaker)
    assert hub.outbox.disk == "ok"
    disk.fill()
    for event in range(1, 40):
        hub.press(event)
        hub.beat()
    assert hub.outbox.disk == "full"
    assert "full" in hub.outbox.trouble
    assert hub.told[0] == 1
    assert {report.event for report in hub.events} == set(range(1, 40))
    assert hub.on_disk() == {(1, event) for event in range(1, 40)}


def test_with_the_reserve_used_up_alerts_go_out_from_memory_and_nobody_is_told(
    disk, registry, speaker
):
    hub = Hub(disk.folder, registry, speaker)
    disk.fill()
    event = 0
    while not hub.engine._held and event < 5000:
        event += 1
        hub.press(event)
        hub.wait()
        disk.fill()
    hub.told.clear()
    hub.press(event + 1, badge=2)
    assert (event + 1) in {report.event for report in hub.events}
    assert not hub.told
    disk.free()
    hub.wait()
    assert hub.outbox.disk == "ok"
    assert event + 1 in hub.told
    assert {(1, event), (2, event + 1)} <= hub.on_disk()


def test_space_that_comes_back_is_reserved_again(disk, registry, speaker):
    hub = Hub(disk.folder, registry, speaker)
    reserve = disk.folder / "gateway.db.reserve"
    assert reserve.stat().st_blocks * 512 >= RESERVE
    disk.fill()
    while hub.outbox.disk == "ok":
        hub.press(1)
    assert not reserve.exists()
    hub.wait()
    assert hub.outbox.disk == "full"
    disk.free()
    hub.wait()
    assert hub.outbox.disk == "ok"
    assert reserve.stat().st_blocks * 512 >= RESERVE


def test_a_gateway_starts_on_a_full_disk(disk, registry, speaker):
    disk.fill()
    hub = Hub(disk.folder, registry, speaker)
    assert hub.outbox.disk == "full"
    hub.press(1)
    assert [report.event for report in hub.events] == [1]
    assert not hub.told
    disk.free()
    hub.wait()
    assert hub.told == [1]
    assert hub.on_disk() == {(1, 1)}


def test_heartbeats_leave_the_last_space_to_alerts_and_are_published_all_the_same(
    disk, registry, speaker
):
    hub = Hub(disk.folder, registry, speaker)
    disk.fill()
    while hub.outbox.disk == "ok":
        hub.press(1)
    hub.wait()
    before = hub.outbox._file._db.total_changes
    hub.beat()
    assert len(hub.flying) == 1
    rows = hub.outbox._file._db.execute("SELECT count(*) FROM outbox WHERE urgency = 2")
    assert rows.fetchone() == (0,)
    assert hub.outbox._file._db.total_changes > before, "its counter is on disk"


_FAILING_DISK = """
import sys
from pathlib import Path
from tests.gateway import test_outbox_disk
getattr(test_outbox_disk, sys.argv[1])(Path(sys.argv[2]))
"""


def a_disk_that_fails_under_way(folder: Path) -> None:
    """Writes fail with an error from one moment on, then work again."""
    hub = Hub(folder, fleet(), Speaker)
    hub.press(1)
    hub.wait()
    assert hub.told == [1]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    hub.press(2, badge=2)
    assert hub.outbox.disk == "failed", hub.outbox.disk
    hub.wait()
    hub.press(3, badge=2)
    assert [report.event for report in hub.events] == [1, 2, 3]
    assert hub.told == [1]
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    hub.wait()
    assert hub.outbox.disk == "ok"
    assert hub.told == [1, 3]
    assert hub.on_disk() == {(1, 1), (2, 2), (2, 3)}


def a_disk_that_fails_from_the_start(folder: Path) -> None:
    """What lies there is read; what is new goes out from memory, and to the disk later."""
    hub = Hub(folder, fleet(), Speaker)
    hub.press(1)
    hub.outbox.close()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    hub = Hub(folder, fleet(), Speaker)
    assert hub.outbox.disk == "failed", hub.outbox.disk
    assert [report.event for report in hub.events] == [1]
    hub.press(2, badge=2)
    assert [report.event for report in hub.events] == [1, 2]
    assert not hub.told
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    hub.wait()
    assert hub.told == [2]
    assert hub.on_disk() == {(1, 1), (2, 2)}


def fleet() -> Registry:
    return Registry(
        tuple(FleetKey(epoch, key.hex()) for epoch, key in FLEET_KEYS.items()),
        tuple(BadgeKey(number, badge_key(number).hex()) for number in BADGES),
    )


@pytest.mark.parametrize("course", [a_disk_that_fails_under_way, a_disk_that_fails_from_the_start])
def test_a_failing_disk_ends_nothing_and_promises_nothing(tmp_path, course):
    # In a process of its own: the limit that makes writes fail is for a whole process.
    done = subprocess.run(
        [sys.executable, "-c", _FAILING_DISK, course.__name__, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr


def test_rows_that_cannot_be_read_now_are_published_once_they_can(tmp_path, registry, speaker):
    hub = Hub(tmp_path, registry, speaker)
    hub.engine.turn(hub.now_ms, (LinkChanged(False),))
    for event in (1, 2, 3):
        hub.press(event)
    hub.outbox.close()  # as after damage that could not be mended at once
    hub.engine.turn(hub.now_ms, (LinkChanged(True),))
    assert hub.events == []
    hub.press(4)
    for _ in range(10):
        hub.wait()
    assert sorted(report.event for report in hub.events) == [1, 2, 3, 4]
    assert hub.relay.depth == 0


def test_a_folder_that_is_read_only_now_is_read(disk, registry, speaker):
    """Where the kernel mounted the disk read-only, its rows and counters are still used."""
    outbox = Outbox(disk.folder / "gateway.db")
    outbox.commit([Put(Row(7, Urgency.EVENT, 1, "topic", b"payload"))])
    outbox.close()
    command = ("mount", "-o", "remount,ro", str(disk.folder))
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return  # nobody may mount here; a_disk_that_fails_from_the_start shows nearly the same
    hub = Hub(disk.folder, registry, speaker)
    assert hub.outbox.disk == "failed"
    assert hub.flying == [7]
    hub.press(1)
    assert hub.flying == [7, 8]
    assert not hub.told
    subprocess.run(("mount", "-o", "remount,rw", str(disk.folder)), check=True)
    hub.wait()
    assert hub.told == [1]
    assert hub.on_disk() == {(1, 1)}
