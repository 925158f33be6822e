"""TLS to a real Mosquitto: who is believed, and what is said when somebody is not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.contract.broker import BrokerOptions, check_broker
from gateway.contract.errors import ContractError
from simulator.certificates import Authority, Pair
from simulator.mosquitto import Mosquitto


class Secure:
    """A Mosquitto with TLS, and how to reach it."""

    def __init__(self, broker: Mosquitto) -> None:
        self.port = broker.port

    def options(self, ca_file: Path | None, host: str = "127.0.0.1", **more) -> BrokerOptions:
        ca = ca_file and str(ca_file)
        return BrokerOptions(url=f"mqtts://{host}:{self.port}", ca_file=ca, **more)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest_asyncio.fixture
async def secure(
    mosquitto: Callable[..., Mosquitto],
) -> AsyncIterator[Callable[..., Awaitable[Secure]]]:
    running: list[Mosquitto] = []

    async def start(shown: Pair, *settings: str) -> Secure:
        files = (f"certfile {shown.certificate}", f"keyfile {shown.key}")
        running.append(mosquitto(*files, *(settings or ("allow_anonymous true",))))
        await running[-1].start()
        return Secure(running[-1])

    yield start
    for broker in running:
        await broker.stop()


async def test_a_certificate_of_a_known_authority_for_this_name_is_believed(
    secure, authority, client
):
    broker = await secure(authority.issue("broker", "127.0.0.1", "localhost"))
    for host in ("127.0.0.1", "localhost"):
        one = client("", host, broker=broker.options(authority.file, host))
        await one.up()
        assert one.session.publish("a/topic", b"x" * 50_000, token=1)
        assert await one.puback() == 1


async def test_many_messages_in_one_tls_record_all_arrive(secure, authority, client):
    broker = await secure(authority.issue("broker", "127.0.0.1"))
    options = broker.options(authority.file)
    reader = client("", "reader", broker=options, subscriptions=("a/#",))
    sender = client("", "sender", broker=options)
    await reader.up()
    await sender.up()
    for number in range(500):
        assert sender.session.publish("a/topic", b"%d" % number, qos=0)
    assert [int((await reader.message()).payload) for _ in range(500)] == list(range(500))


@pytest.mark.parametrize(
    ("hosts", "days", "says"),
    [
        (("other.example",), {}, "for another name than 127.0.0.1; connect by a name"),
        (("127.0.0.1",), {"ends_days": -0.5}, "expired; renew it on the broker (this host's clock"),
        (("127.0.0.1",), {"starts_days": 0.5}, "not valid yet; set the clock, or wait"),
    ],
)
async def test_a_certificate_that_does_not_fit_is_refused_with_the_remedy(
    secure, authority, client, hosts, days, says
):
    broker = await secure(authority.issue("broker", *hosts, **days))
    reason = await client("", "one", broker=broker.options(authority.file)).down()
    assert f"mqtts://127.0.0.1:{broker.port}: the broker's certificate is {says}" in reason


@pytest.mark.parametrize("known", [True, False])
async def test_an_unknown_authority_is_refused_with_the_remedy(
    secure, authority, client, tmp_path, known
):
    other = Authority(tmp_path, "other").file if known else None
    broker = await secure(authority.issue("broker", "127.0.0.1"))
    reason = await client("", "one", broker=broker.options(other)).down()
    assert "signed by an authority that is not known here" in reason
    assert "put that authority's certificate in broker.ca_file" in reason


async def test_a_client_certificate_is_shown_where_one_is_wanted(secure, authority, client):
    broker = await secure(
        authority.issue("broker", "127.0.0.1"),
        f"cafile {authority.file}",
        "require_certificate true",
        "use_identity_as_username true",
    )
    ours = authority.issue("hub-1")
    pair = {"certificate_file": str(ours.certificate), "key_file": str(ours.key)}
    with_one = client("", "with", broker=broker.options(authority.file, **pair))
    await with_one.up()
    without = client("", "without", broker=broker.options(authority.file))
    assert "wants a certificate from us; set broker.certificate_file" in await without.down()


async def test_a_client_certificate_of_a_stranger_is_refused_with_the_remedy(
    secure, authority, client, tmp_path
):
    broker = await secure(
        authority.issue("broker", "127.0.0.1"),
        f"cafile {authority.file}",
        "require_certificate true",
    )
    ours = Authority(tmp_path, "stranger").issue("hub-1")
    pair = {"certificate_file": str(ours.certificate), "key_file": str(ours.key)}
    stranger = client("", "one", broker=broker.options(authority.file, **pair))
    assert "does not know who signed broker.certificate_file" in await stranger.down()


async def test_tls_where_there_is_none_says_so(broker, client):
    options = BrokerOptions(url=broker.url.replace("mqtt:", "mqtts:"))
    assert "no TLS at port" in await client("", "one", broker=options).down()


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_key_that_others_can_read_is_refused(authority, mode):
    ours = authority.issue("hub-1")
    ours.key.chmod(mode)
    with pytest.raises(ContractError, match=r"broker\.key_file.*others may read.*chmod 600"):
        check_broker(_ours(ours))


def test_a_key_of_another_certificate_is_named(authority):
    ours, other = authority.issue("hub-1"), authority.issue("hub-2")
    with pytest.raises(ContractError, match=r"hub-1.crt, .*hub-2.key: the key is not this"):
        check_broker(_ours(Pair(ours.certificate, other.key)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"ca_file": "/nowhere"}, "broker.ca_file: /nowhere: No such file"),
        ({"ca_file": "/dev/null"}, "broker.ca_file: /dev/null: no certificate in PEM in it"),
        ({"certificate_file": "/nowhere"}, "broker.certificate_file: goes with broker.key_file"),
        ({"url": "mqtt://hub", "ca_file": "x"}, "broker.ca_file: TLS is for mqtts:// only"),
        ({"key_file": "/nowhere", "certificate_file": "x"}, "broker.key_file: /nowhere: No such"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_key(options, says):
    with pytest.raises(ContractError) as caught:
        check_broker(BrokerOptions(**{"url": "mqtts://hub", **options}))
    assert says in str(caught.value)


def _ours(pair: Pair) -> BrokerOptions:
    return BrokerOptions(
        url="mqtts://hub", certificate_file=str(pair.certificate), key_file=str(pair.key)
    )
