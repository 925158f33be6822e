"""`tocsin-gateway status`, `doctor` and `unit`: what people and scripts get to see."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
import structlog

from gateway.doctor.findings import Finding
from gateway.status.endpoint import Endpoint
from gateway.status.listen import Listen
from gateway.status.snapshot import Ailment, Snapshot
from tests.gateway.conftest import Run
from tests.gateway.snapshots import HEALTHY, snapshot
from tests.gateway.test_gateway_config import CONFIG, install


@pytest.fixture
def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def config(tmp_path: Path, free_port: int) -> Path:
    text = f'{CONFIG}[broker]\nurl = "mqtt://127.0.0.1:9"\n'
    return install(tmp_path, f'{text}[status]\nlisten = "127.0.0.1:{free_port}"\n')


@pytest_asyncio.fixture
async def shown(free_port: int) -> AsyncIterator[list[Snapshot]]:
    """What a gateway shows at that port; to be changed by the test."""
    showing = [HEALTHY]
    log = structlog.wrap_logger(None, processors=[_drop])
    listen = Listen("127.0.0.1", free_port)
    endpoint = Endpoint(listen, lambda: showing[0], log=log, keep_s=0)
    running = asyncio.ensure_future(endpoint.run())
    await endpoint.listening.wait()
    yield showing
    running.cancel()
    await asyncio.wait((running,))


def _drop(*_: object) -> str:
    raise structlog.DropEvent


async def test_a_healthy_gateway_is_shown_and_the_exit_code_is_0(
    gateway: Run, config: Path, shown: list[Snapshot]
):
    code, said, _ = await asyncio.to_thread(gateway, "status", "--once", "-c", config)
    assert code == 0
    assert "hub-1 of demo is healthy" in said


async def test_an_ailing_gateway_is_shown_with_the_reason_and_the_exit_code_is_1(
    gateway: Run, config: Path, shown: list[Snapshot]
):
    shown[0] = snapshot(ailments=(Ailment("deaf", "nobody is heard; look at the radio"),))
    code, said, _ = await asyncio.to_thread(gateway, "status", "--once", "-c", config)
    assert code == 1
    assert "deaf: nobody is heard; look at the radio" in said


async def test_the_json_is_the_snapshot(gateway: Run, config: Path, shown: list[Snapshot]):
    code, said, _ = await asyncio.to_thread(gateway, "status", "--json", "-c", config)
    assert (code, msgspec.json.decode(said, type=Snapshot)) == (0, HEALTHY)


def test_a_gateway_that_does_not_run_is_said_with_what_to_do(gateway: Run, config: Path):
    code, _, error = gateway("status", "--once", "-c", config)
    assert code == 1
    assert "systemctl start tocsin-gateway" in error
    assert len(error.splitlines()) == 1


def test_pages_that_are_off_are_said(gateway: Run, tmp_path: Path):
    config = install(tmp_path, f'{CONFIG}[status]\nlisten = ""\n')
    code, _, error = gateway("status", "--once", "-c", config)
    assert (code, "$.status.listen: turned off" in error) == (2, True)


@pytest.mark.parametrize("command", ["status", "doctor", "check", "run"])
def test_an_address_that_others_reach_is_refused_by_every_command(
    gateway: Run, tmp_path: Path, command: str
):
    config = install(tmp_path, f'{CONFIG}[status]\nlisten = "0.0.0.0:9469"\n')
    code, _, error = gateway(command, "-c", config)
    assert code == 2
    assert f"{config}: $.status.listen: 0.0.0.0:9469: other machines" in error


def test_status_needs_no_secret(gateway: Run, config: Path, tmp_path: Path):
    (tmp_path / "registry.toml").unlink()
    assert "does not run" in gateway("status", "--once", "-c", config)[2]


def test_the_doctor_says_what_to_mend_and_exits_with_1(gateway: Run, config: Path):
    code, said, _ = gateway("doctor", "-c", config)
    assert code == 1
    assert "broker mqtt://127.0.0.1:9" in said
    assert "-> start the broker" in said
    assert "to mend" in said


def test_the_doctors_json_is_a_list_of_findings(gateway: Run, config: Path):
    code, said, _ = gateway("doctor", "--json", "-c", config)
    findings = msgspec.json.decode(said, type=list[Finding])
    assert code == 1
    assert {"clock", "keys", "disk"} <= {finding.check for finding in findings}


def test_no_key_is_in_what_the_doctor_says(gateway: Run, config: Path):
    said = "".join(gateway("doctor", "-c", config)[1:])
    assert "0a0a" not in said
    assert "0b0b" not in said
