"""The status pages: for this machine, only to be read, and never in the gateway's way."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.status.asking import NoAnswerError, ask
from gateway.status.endpoint import MAX_CONNECTIONS, Endpoint
from gateway.status.listen import Listen, StatusOptions, listen_address, may_ask
from gateway.status.snapshot import Ailment, Snapshot
from tests.gateway.snapshots import HEALTHY, snapshot

WAIT_S = 20
AILING = snapshot(ailments=(Ailment("deaf", "no badge is heard"),))


class Log:
    def __init__(self) -> None:
        self.entries: list[structlog.typing.EventDict] = []
        self.wrapped = structlog.wrap_logger(None, processors=[self._note])
        self.noted = asyncio.Event()

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.entries.append(entry)
        self.noted.set()
        raise structlog.DropEvent


@asynccontextmanager
async def serving(shown: Snapshot = HEALTHY, port: int = 0) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(Listen("127.0.0.1", port), lambda: shown, log=Log().wrapped)
    running = asyncio.ensure_future(endpoint.run())
    async with asyncio.timeout(WAIT_S):
        await endpoint.listening.wait()
    yield endpoint
    running.cancel()
    await asyncio.wait((running,))


async def answer(
    endpoint: Endpoint, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, bytes]:
    headers = {} if host is None else {"Host": host}
    url = f"http://127.0.0.1:{endpoint.port}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers) as response,
    ):
        return response.status, await response.read()


async def test_a_healthy_gateway_says_so_with_200():
    async with serving() as endpoint:
        status, page = await answer(endpoint, "/health")
    assert (status, msgspec.json.decode(page)) == (200, {"healthy": True, "reasons": {}})


async def test_an_ailing_gateway_says_why_with_503():
    async with serving(AILING) as endpoint:
        status, page = await answer(endpoint, "/health")
    assert status == 503
    assert msgspec.json.decode(page)["reasons"] == {"deaf": "no badge is heard"}


async def test_the_status_page_is_the_whole_snapshot():
    async with serving(AILING) as endpoint:
        told = await asyncio.to_thread(ask, Listen("127.0.0.1", endpoint.port))
    assert told == AILING


async def test_metrics_are_served_as_prometheus_wants_them():
    async with serving() as endpoint:
        status, page = await answer(endpoint, "/metrics")
    assert status == 200
    assert b'tocsin_gateway_adverts_total{of="fleet",radio="hci0"} 3.0' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("path", ["/status", "/health", "/metrics", "/"])
async def test_nothing_but_get_is_answered(method: str, path: str):
    async with serving() as endpoint:
        assert (await answer(endpoint, path, method))[0] == 405


async def test_a_page_that_is_none_is_not_found():
    async with serving() as endpoint:
        assert (await answer(endpoint, "/../etc/passwd"))[0] == 404


@pytest.mark.parametrize("path", ["/status", "/health", "/metrics"])
async def test_a_name_that_was_pointed_here_by_somebody_is_refused(path: str):
    async with serving() as endpoint:
        status, page = await answer(endpoint, path, host="rebound.example")
        assert status == 421
        assert b"hub-1" not in page
        assert (await answer(endpoint, path, host="localhost:9469"))[0] == 200


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z]{2,9}){1,3}(:\d{1,5})?", fullmatch=True))
def test_no_domain_name_may_ask(name: str):
    assert not may_ask(name)


@given(st.text(max_size=40))
def test_any_host_header_is_judged(header: str):
    if may_ask(header):
        host = header.rsplit(":", 1)[0] if header.count(":") == 1 else header
        host = host.lower()
        assert host == "localhost" or ipaddress.ip_address(host.strip("[]").split("]")[0])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9469", "[::1]:9469", "localhost"])
def test_addresses_and_localhost_may_ask(host: str):
    assert may_ask(host)


@pytest.mark.parametrize("listen", ["0.0.0.0:9469", "[::]:9469", "192.168.1.5:80"])
def test_other_machines_are_let_in_only_when_that_is_said(listen: str):
    with pytest.raises(ConfigError, match=r"status\.remote = true"):
        listen_address(StatusOptions(listen=listen))
    assert listen_address(StatusOptions(listen=listen, remote=True)) is not None


@pytest.mark.parametrize(
    "listen", ["9469", "127.0.0.1", "hub:80", "a@127.0.0.1:80", "127.0.0.1:x", "127.0.0.1:70000"]
)
def test_an_address_that_is_none_is_named(listen: str):
    with pytest.raises(ConfigError, match=r"status\.listen: '.*': must be address:port"):
        listen_address(StatusOptions(listen=listen))


@given(st.text(max_size=30))
def test_any_listen_is_an_address_or_a_config_error(listen: str):
    try:
        found = listen_address(StatusOptions(listen=listen))
    except ConfigError:
        return
    assert found is None or ipaddress.ip_address(found.host).is_loopback


async def test_a_taken_port_is_a_line_in_the_log_and_is_tried_again():
    async with serving() as first:
        log = Log()
        second = Endpoint(
            Listen("127.0.0.1", first.port), lambda: HEALTHY, log=log.wrapped, again_after_s=0.01
        )
        running = asyncio.ensure_future(second.run())
        async with asyncio.timeout(WAIT_S):
            await log.noted.wait()
        assert log.entries[0]["event"] == "status.not_listening"
        assert not running.done()
    async with asyncio.timeout(WAIT_S):
        await second.listening.wait()
    assert (await answer(second, "/health"))[0] == 200
    running.cancel()
    await asyncio.wait((running,))


async def test_idle_connections_do_not_use_up_the_files_of_the_gateway():
    async with serving() as endpoint:
        idle = [
            await asyncio.open_connection("127.0.0.1", endpoint.port)
            for _ in range(MAX_CONNECTIONS)
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        async with asyncio.timeout(WAIT_S):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        for _, other in (*idle, (reader, writer)):
            other.close()


async def test_many_questions_cost_one_snapshot():
    taken = 0

    def take() -> Snapshot:
        nonlocal taken
        taken += 1
        return HEALTHY

    endpoint = Endpoint(Listen("127.0.0.1", 0), take, log=Log().wrapped, keep_s=3600)
    running = asyncio.ensure_future(endpoint.run())
    await endpoint.listening.wait()
    for path in ("/status", "/health", "/metrics") * 5:
        await answer(endpoint, path)
    running.cancel()
    await asyncio.wait((running,))
    assert taken == 1


async def test_no_gateway_is_told_with_what_to_do():
    async with serving() as endpoint:
        port = endpoint.port
    with pytest.raises(NoAnswerError, match="does not run"):
        await asyncio.to_thread(ask, Listen("127.0.0.1", port))


@asynccontextmanager
async def stranger(page: bytes | None) -> AsyncIterator[Listen]:
    """Another program at the gateway's port; page: what it answers, None: nothing."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        if page is not None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield Listen("127.0.0.1", server.sockets[0].getsockname()[1])
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()


async def test_a_gateway_that_hangs_is_told_from_one_that_does_not_run():
    async with stranger(None) as listen:
        with pytest.raises(NoAnswerError, match="hangs"):
            await asyncio.to_thread(ask, listen, 0.2)


@given(page=st.binary(max_size=200))
def test_any_answer_of_a_stranger_is_refused_in_words(page: bytes):
    async def refused() -> None:
        async with stranger(page) as listen:
            with pytest.raises(NoAnswerError, match="another program"):
                await asyncio.to_thread(ask, listen)

    asyncio.run(refused())
