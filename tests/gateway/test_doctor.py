"""The doctor: every fault is found and comes with a remedy, and no probe is ever stuck."""

import asyncio
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Config
from gateway.contract.broker import Address, BrokerOptions
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.doctor import judge
from gateway.doctor.examination import examine, look_at_keys, look_at_running, private_files
from gateway.doctor.findings import (
    Access,
    Adapter,
    Bluetooth,
    BrokerCheck,
    Clock,
    Database,
    Disk,
    Dongle,
    Finding,
    Keys,
    Running,
    Service,
    Verdict,
)
from gateway.doctor.probes.bluetooth import look_at_bluetooth
from gateway.doctor.probes.broker import look_at_broker
from gateway.doctor.probes.commands import output_of
from gateway.doctor.probes.host import look_at_access, look_at_clock, serial_devices
from gateway.doctor.probes.storage import look_at_database, look_at_disk
from gateway.doctor.report import is_well, verdict
from gateway.status.listen import Listen
from simulator.bluez import Bluez
from simulator.broker import EmbeddedBroker

OK, WARN, FAIL, UNKNOWN = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN
NOW_MS = 1_790_000_000_000
TOPICS = Topics("demo")
ON = Adapter("hci0", True)
REACHED = BrokerCheck(
    url="mqtts://b", resolve_ms=1, connect_ms=1, session_ms=1, publish_ms=9, encrypted=True,
    login=True,
)  # fmt: skip
PORT = Dongle("/dev/ttyACM0", True, "dialout")


def shut(dongle: Dongle, **changes: object) -> Access:
    return Access(user="ada", root=False, dongles=(msgspec.structs.replace(dongle, **changes),))


def broker(**changes: object) -> Finding:
    return judge.broker(msgspec.structs.replace(REACHED, **changes))


CASES: list[tuple[Finding, Verdict]] = [
    (judge.bluetooth(Bluetooth(adapters=(ON,), bluez="5.66"), 0, None), OK),
    (judge.bluetooth(Bluetooth(bluez="5.66"), 0, None), FAIL),
    (judge.bluetooth(Bluetooth(bluez=None, problem="no bus"), 1, None), OK),
    (judge.bluetooth(Bluetooth(adapters=(ON,), bluez=None, problem="x"), 0, None), FAIL),
    (judge.bluetooth(Bluetooth(adapters=(Adapter("hci0", False),), bluez=""), 0, None), FAIL),
    (judge.bluetooth(Bluetooth(adapters=(Adapter("hci0", None),), bluez=""), 0, None), WARN),
    (judge.bluetooth(Bluetooth(adapters=(Adapter("hci0", True, True),), bluez=""), 0, None), FAIL),
    (judge.bluetooth(Bluetooth(adapters=(ON,), bluez=""), 0, "hci1"), FAIL),
    (judge.dongles(shut(PORT)), OK),
    (judge.dongles(Access(user="ada", root=False)), OK),
    (judge.dongles(shut(PORT, usable=False)), FAIL),
    (judge.dongles(shut(PORT, usable=False, present=False)), FAIL),
    (judge.files(Access(user="ada", root=False)), OK),
    (judge.files(Access(user="root", root=True)), WARN),
    (judge.files(Access(user="ada", root=False, open_files=("/a (mode 0644)",))), FAIL),
    (judge.files(Access(user="ada", root=False, problem="ada may not read /a")), FAIL),
    (judge.clock(Clock(unix_ms=NOW_MS, synchronised=True)), OK),
    (judge.clock(Clock(unix_ms=NOW_MS, synchronised=False)), WARN),
    (judge.clock(Clock(unix_ms=NOW_MS, problem="?")), UNKNOWN),
    (judge.clock(Clock(unix_ms=0, synchronised=True)), FAIL),
    (broker(), OK),
    (broker(resolve_ms=None), FAIL),
    (broker(connect_ms=None), FAIL),
    (broker(session_ms=None), FAIL),
    (broker(publish_ms=None), FAIL),
    (broker(encrypted=False), WARN),
    (broker(login=False), WARN),
    (broker(encrypted=False, login=False, local=True), OK),
    (broker(publish_ms=5000), WARN),
    (judge.keys(Keys(path="r", epochs=(3, 2), badges=5)), OK),
    (judge.keys(Keys(path="r", epochs=(3,))), WARN),
    (judge.keys(Keys(path="r", problem="r: No such file")), FAIL),
    (judge.disk(Disk(path="/", free_bytes=2**40, fsync_ms=3)), OK),
    (judge.disk(Disk(path="/", free_bytes=2**40, fsync_ms=900)), WARN),
    (judge.disk(Disk(path="/", free_bytes=2**28, fsync_ms=3)), WARN),
    (judge.disk(Disk(path="/", free_bytes=2**20, fsync_ms=3)), FAIL),
    (judge.disk(Disk(path="/", problem="Read-only file system")), FAIL),
    (judge.database(Database(path="g.db")), OK),
    (judge.database(Database(path="g.db", exists=True, check="ok")), OK),
    (judge.database(Database(path="g.db", exists=True, busy=True)), OK),
    (judge.database(Database(path="g.db", exists=True, check="row 3 missing")), FAIL),
    (judge.database(Database(path="g.db", exists=True, problem="Permission denied")), UNKNOWN),
    (judge.service(Service(enabled="enabled", active="active")), OK),
    (judge.service(Service(enabled="enabled", active="failed")), FAIL),
    (judge.service(Service(enabled="disabled", active="active")), WARN),
    (judge.service(Service(problem="no systemd")), UNKNOWN),
    (judge.running(Running(ailments=(), up_s=60)), OK),
    (judge.running(Running(ailments=("deaf: x",), up_s=60)), FAIL),
    (judge.running(Running(problem="does not run", remedy="start it")), WARN),
    (judge.running(Running(off=True)), UNKNOWN),
]


@pytest.mark.parametrize(("finding", "expected"), CASES)
def test_every_fault_is_judged_and_comes_with_a_remedy(finding: Finding, expected: Verdict):
    assert finding.verdict is expected
    assert finding.seen
    assert finding.remedy or expected in (OK, UNKNOWN)


@given(st.lists(st.sampled_from([finding for finding, _ in CASES])))
def test_the_last_line_and_the_exit_code_agree(findings: list[Finding]):
    assert is_well(findings) == ("to mend" not in verdict(findings).replace("nothing to mend", ""))


async def test_adapters_are_those_of_the_kernel_with_the_power_that_bluez_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("hci0", "hci0:64", "hci1", "hci2"):
        (tmp_path / "class" / "bluetooth" / name).mkdir(parents=True)
    switch = tmp_path / "class" / "rfkill" / "rfkill0"
    switch.mkdir(parents=True)
    for file, word in (("name", "hci2"), ("soft", "1"), ("hard", "0")):
        (switch / file).write_text(f"{word}\n")
    async with Bluez(tmp_path, {"hci0": True, "hci1": False}) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        saw = await look_at_bluetooth(tmp_path / "class")
    assert saw.adapters == (
        Adapter("hci0", True),
        Adapter("hci1", False),
        Adapter("hci2", None, blocked=True),
    )


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "rubbish", ""])
async def test_without_bluez_the_adapters_are_shown_and_why_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address or f"unix:path={tmp_path}/none")
    (tmp_path / "bluetooth" / "hci0").mkdir(parents=True)
    saw = await look_at_bluetooth(tmp_path)
    assert saw.adapters == (Adapter("hci0"),)
    assert saw.bluez is None
    assert saw.problem


async def test_a_host_without_bluetooth_has_no_adapters(tmp_path: Path):
    assert (await look_at_bluetooth(tmp_path)).adapters == ()


def test_secrets_that_others_may_read_are_named(tmp_path: Path):
    for name, mode in (("good", 0o600), ("bad", 0o640)):
        (tmp_path / name).touch(mode)
        (tmp_path / name).chmod(mode)
    saw = look_at_access([tmp_path / "good", tmp_path / "bad", tmp_path / "missing"])
    assert saw.open_files == (f"{tmp_path}/bad (mode 0640)",)
    assert judge.files(saw).remedy == f"chmod 600 {tmp_path}/bad"


def test_dongles_are_found_by_the_names_of_serial_devices(tmp_path: Path):
    for name in ("ttyACM1", "ttyUSB0", "ttyS0", "null"):
        (tmp_path / name).touch()
    assert [path.name for path in serial_devices(tmp_path)] == ["ttyUSB0", "ttyACM1"]
    saw = look_at_access((), serial_devices(tmp_path))
    assert [dongle.usable for dongle in saw.dongles] == [True, True]
    gone = look_at_access((), [tmp_path / "ttyACM9"])
    assert "not there" in judge.dongles(gone).seen


def test_the_clock_of_this_host_is_read():
    saw = look_at_clock()
    assert saw.unix_ms > NOW_MS - 10**12
    assert saw.synchronised is not None or saw.problem


def test_the_disk_is_measured_and_one_that_takes_nothing_says_why(tmp_path: Path):
    saw = look_at_disk(tmp_path)
    assert saw.free_bytes
    assert saw.fsync_ms is not None
    assert list(tmp_path.iterdir()) == []
    assert "No such file" in look_at_disk(tmp_path / "missing").problem


def test_a_database_is_whole_in_use_damaged_or_missing(tmp_path: Path):
    path = tmp_path / "gateway.db"
    assert not look_at_database(path).exists
    outbox = Outbox(path)
    assert look_at_database(path).busy
    outbox.close()
    assert look_at_database(path).check == "ok"
    path.write_bytes(b"not a database" * 400)
    assert judge.database(look_at_database(path)).verdict is FAIL


def test_a_damaged_page_is_found(tmp_path: Path):
    path = tmp_path / "gateway.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (a)")
        db.executemany("INSERT INTO t VALUES (?)", [(bytes(500),)] * 100)
    db.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    assert judge.database(look_at_database(path)).verdict is FAIL


@pytest.mark.parametrize("text", ["", "= 1", "[[fleet_keys]]\nepoch = 99"])
def test_keys_that_cannot_be_read_are_told_without_a_value(tmp_path: Path, text: str):
    (tmp_path / "r.toml").write_text(text)
    (tmp_path / "r.toml").chmod(0o600)
    assert "r.toml" in look_at_keys(tmp_path / "r.toml").problem


async def test_a_command_that_hangs_is_given_up():
    said, problem = await output_of("sleep", "600", timeout_s=0.05)
    assert (said, problem) == ("", "sleep: no answer in 0.05 s")


@pytest.mark.parametrize("command", [("no-such-program",), ("false",)])
async def test_a_command_that_fails_says_why(command: tuple[str, ...]):
    said, problem = await output_of(*command)
    assert (said, bool(problem)) == ("", True)


@pytest_asyncio.fixture
async def embedded() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


async def seen(address: Address, **options: str) -> BrokerCheck:
    return await look_at_broker(BrokerOptions(**options), address, TOPICS, "hub-1")


async def test_a_broker_is_tried_up_to_its_puback(embedded: EmbeddedBroker):
    saw = await seen(Address("127.0.0.1", embedded.port))
    assert saw.problem == ""
    assert saw.publish_ms is not None
    assert "MQTT" in saw.protocol
    assert judge.broker(saw).verdict is OK


async def test_a_port_where_nobody_listens_is_told_from_a_name_that_is_none():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused = await seen(Address("127.0.0.1", port))
    assert (refused.connect_ms, refused.problem) == (None, "Connection refused")
    assert refused.resolve_ms is not None
    assert (await seen(Address("no-such-host.invalid", 1883))).resolve_ms is None


async def test_a_refused_login_is_told(mosquitto: Callable[..., object]):
    broker = mosquitto("allow_anonymous false")
    await broker.start()
    port = int(broker.url.rpartition(":")[2])
    saw = await seen(Address("127.0.0.1", port))
    await broker.stop()
    assert saw.connect_ms is not None
    assert saw.session_ms is None
    found = judge.broker(saw)
    assert found.seen == "no session: refused: Not authorized"
    assert found.remedy == "check broker.username and broker.password_file"


async def test_the_doctor_leaves_nothing_at_the_broker_and_disturbs_no_gateway(
    mosquitto: Callable[..., object], tmp_path: Path
):
    broker = mosquitto()
    await broker.start()
    port = int(broker.url.rpartition(":")[2])
    await seen(Address("127.0.0.1", port))
    await broker.stop()
    log = (tmp_path / "mosquitto.log").read_text()
    assert "tocsin-demo-hub-1-doctor (p5, c1," in log
    assert "as tocsin-demo-hub-1 " not in log


async def test_somebody_elses_port_is_no_broker():
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    saw = await seen(Address("127.0.0.1", server.sockets[0].getsockname()[1]))
    server.close()
    await server.wait_closed()
    assert saw.session_ms is None
    assert saw.problem


async def test_an_examination_ends_whatever_is_missing(tmp_path: Path):
    config = Config(
        "demo",
        "hub-1",
        str(tmp_path / "gateway.db"),
        str(tmp_path / "registry.toml"),
        broker=BrokerOptions(url="mqtt://127.0.0.1:9"),
    )
    found = {finding.check: finding for finding in await examine(config)}
    assert found["keys"].verdict is FAIL
    assert found["broker mqtt://127.0.0.1:9"].verdict is FAIL
    assert {"dongles", "files", "clock", "disk", "database", "service", "gateway"} <= set(found)
    assert os.listdir(tmp_path) == []


async def test_an_examination_that_takes_too_long_says_that_it_cannot_tell(tmp_path: Path):
    config = Config("demo", "hub-1", str(tmp_path / "g.db"), str(tmp_path / "r.toml"))
    found = await examine(config, patience_s=0)
    assert UNKNOWN in {finding.verdict for finding in found}


def test_all_files_with_secrets_or_positions_are_looked_at():
    options = BrokerOptions(password_file="p", key_file="k")
    config = Config("demo", "hub-1", "g.db", "r.toml", broker=options)
    assert {path.name for path in private_files(config)} == {"p", "k", "g.db", "r.toml"}


def test_a_gateway_that_does_not_run_or_shows_nothing_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = Listen("127.0.0.1", free.getsockname()[1])
    running = look_at_running(listen)
    assert "does not run" in running.problem
    assert "systemctl start" in judge.running(running).remedy
    assert look_at_running(None).off
