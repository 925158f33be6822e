"""What the service manager is told, over a real notify socket."""

import asyncio
import os
import random
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.host.supervisor import Supervisor, feeding_interval_s
from simulator.fleet import make_fleet

WAIT_S = 20.0


MANY = 50


class NotifySocket:
    """systemd's end."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self._socket.setblocking(False)

    def close(self) -> None:
        self._socket.close()

    async def says(self, wait_s: float = WAIT_S) -> dict[str, str]:
        async with asyncio.timeout(wait_s):
            words = await asyncio.get_running_loop().sock_recv(self._socket, 4096)
        return dict(line.split("=", 1) for line in words.decode().splitlines())

    async def listen(self, patience_s: float) -> None:
        """As systemd does, for a while; raises TimeoutError when its patience ends."""
        for _ in range(MANY):
            await self.says(patience_s)

    async def until(self, key: str) -> str:
        while key not in (words := await self.says()):
            pass
        return words[key]


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[NotifySocket]:
    end = NotifySocket(str(tmp_path / "notify"))
    yield end
    end.close()


def quiet() -> structlog.typing.FilteringBoundLogger:
    def drop(*_: object) -> str:
        raise structlog.DropEvent

    return structlog.wrap_logger(None, processors=[drop])


def environ(end: NotifySocket, watchdog_s: float = 0.03) -> dict[str, str]:
    return {"NOTIFY_SOCKET": end.path, "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}


async def test_ready_comes_first_then_signs_of_life_with_a_status(notified: NotifySocket):
    supervisor = Supervisor(lambda: "", lambda: "all well", log=quiet(), environ=environ(notified))
    running = asyncio.ensure_future(supervisor.run())
    assert await notified.says() == {"READY": "1"}
    assert await notified.says() == {"WATCHDOG": "1", "STATUS": "all well"}
    assert await notified.until("WATCHDOG") == "1"
    running.cancel()
    await asyncio.wait((running,))
    supervisor.stopping()
    assert await notified.until("STOPPING") == "1"


async def test_an_ailing_process_is_not_ready_and_gives_no_sign_of_life(notified: NotifySocket):
    ailing = ["not started", ""]
    supervisor = Supervisor(
        lambda: ailing[0], lambda: "well", log=quiet(), environ=environ(notified)
    )
    running = asyncio.ensure_future(supervisor.run())
    ailing.reverse()
    assert await notified.says() == {"READY": "1"}
    await notified.until("WATCHDOG")
    ailing[0] = "ended: uplink"
    async with asyncio.timeout(WAIT_S):
        while "WATCHDOG" in (words := await notified.says()):
            pass
    assert words == {"STATUS": "not alive: ended: uplink"}
    assert "WATCHDOG" not in await notified.says()
    running.cancel()
    await asyncio.wait((running,))


async def test_an_abstract_socket_is_reached(tmp_path: Path):
    end = NotifySocket(f"@tocsin-{os.getpid()}-{tmp_path.name}")
    Supervisor(lambda: "", lambda: "", log=quiet(), environ=environ(end)).stopping()
    assert await end.says() == {"STOPPING": "1"}
    end.close()


@pytest.mark.parametrize("path", ["", "/nowhere/notify"])
def test_without_a_service_manager_nothing_fails(path: str):
    Supervisor(lambda: "", lambda: "", log=quiet(), environ={"NOTIFY_SOCKET": path}).stopping()


@given(st.dictionaries(st.sampled_from(["WATCHDOG_USEC", "WATCHDOG_PID"]), st.text(max_size=12)))
def test_the_watchdog_is_fed_well_within_its_patience_whatever_is_said(environ: dict[str, str]):
    interval_s = feeding_interval_s(environ, 7)
    if interval_s is not None:
        assert 0 < interval_s < int(environ["WATCHDOG_USEC"]) / 1e6 / 2


def test_another_process_watchdog_is_not_ours_to_feed():
    assert feeding_interval_s({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, 7) is None
    assert feeding_interval_s({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 7) == 1.0


async def test_a_loop_that_hangs_gives_no_sign_of_life_and_one_that_turns_again_does(
    notified: NotifySocket,
):
    patience_s = 0.5
    hang, released = threading.Event(), threading.Event()

    async def run() -> None:
        supervisor = Supervisor(
            lambda: "", lambda: "", log=quiet(), environ=environ(notified, patience_s)
        )
        running = asyncio.ensure_future(supervisor.run())
        await asyncio.to_thread(hang.wait)
        released.wait()  # as a commit does on a disk that does not answer
        await asyncio.sleep(patience_s)
        running.cancel()

    loop = asyncio.ensure_future(asyncio.to_thread(asyncio.run, run()))
    await notified.until("WATCHDOG")
    hang.set()
    with pytest.raises(TimeoutError):
        await notified.listen(patience_s)
    released.set()
    await notified.until("WATCHDOG")
    await loop


async def test_the_command_is_ready_lives_and_says_when_it_stops(
    tmp_path: Path, notified: NotifySocket
):
    fleet = make_fleet("demo", 1, random.Random(1))
    fleet.write_registry(tmp_path / "registry.toml")
    config = tmp_path / "hub.toml"
    fleet.write_gateway(config, "hub-1", tmp_path / "registry.toml", "mqtt://127.0.0.1:9")
    with (tmp_path / "hub.log").open("wb") as log:
        gateway = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "run", "--config", str(config)),
            env={**os.environ, **environ(notified, 1.0)},
            stderr=log,
        )
    try:
        assert await notified.says() == {"READY": "1"}
        assert "radio" in (await notified.says())["STATUS"]
        assert await notified.until("WATCHDOG") == "1"
        gateway.send_signal(signal.SIGTERM)
        assert await notified.until("STOPPING") == "1"
        assert await gateway.wait() == 0
    finally:
        if gateway.returncode is None:
            gateway.kill()
            await gateway.wait()
