"""Who hears whom on the virtual air, how often and how loudly."""

import asyncio
import random
from itertools import pairwise
from statistics import mean

import pytest
from bumble.device import Advertisement, Device

from simulator.air import NEAR_DBM, Air


class Receiver:
    def __init__(self, device: Device) -> None:
        self.device = device
        self.heard: asyncio.Queue[tuple[float, Advertisement]] = asyncio.Queue()
        device.on(Device.EVENT_ADVERTISEMENT, self._hear)

    def _hear(self, advertisement: Advertisement) -> None:
        self.heard.put_nowait((asyncio.get_running_loop().time(), advertisement))

    async def scan(self) -> "Receiver":
        await self.device.start_scanning(active=False, filter_duplicates=False)
        return self

    async def times(self, count: int) -> list[float]:
        return [(await self.heard.get())[0] for _ in range(count)]


def test_loss_is_what_was_asked_for(in_virtual_time, badge, host, advertisement):
    async def scenario() -> Air:
        air = Air(0.3, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        badge(air).radio.advertise(20_000, advertisement, connectable=True)
        await receiver.times(4_000)
        return air

    counters = in_virtual_time(scenario()).counters
    # Four standard deviations of a binomial of this size.
    assert counters.lost / counters.sent == pytest.approx(0.3, abs=0.025)
    assert counters.heard + counters.lost == counters.sent


@pytest.mark.parametrize("interval_ms", [20, 100, 250, 1000])
def test_adverts_are_an_interval_and_up_to_ten_milliseconds_apart(
    in_virtual_time, badge, host, advertisement, interval_ms
):
    async def scenario() -> list[float]:
        air = Air(0.0, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        badge(air).radio.advertise(interval_ms * 1000, advertisement, connectable=False)
        return await receiver.times(500)

    times = in_virtual_time(scenario())
    gaps_ms = [(after - before) * 1000 for before, after in pairwise(times)]
    assert min(gaps_ms) >= interval_ms - 0.001
    assert max(gaps_ms) <= interval_ms + 10.001
    assert mean(gaps_ms) == pytest.approx(interval_ms + 5, abs=0.6)


@pytest.mark.parametrize("interval_ms", [20, 100, 1000])
def test_four_adverts_are_enough_for_99_percent_at_thirty_percent_loss(
    in_virtual_time, badge, host, advertisement, interval_ms
):
    async def scenario() -> list[float]:
        air = Air(0.3, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        radio = badge(air).radio
        delays: list[float] = []
        for _ in range(1000):
            radio.advertise(interval_ms * 1000, advertisement, connectable=True)
            begun = asyncio.get_running_loop().time()
            delays.append((await receiver.times(1))[0] - begun)
            radio.advertise(0, None, connectable=True)
            await radio.settled()
        return delays

    delays = in_virtual_time(scenario())
    fourth_s = 3 * (interval_ms + 10) / 1000
    # 1 - 0.3 ** 4 = 0.9919; the bound is four standard deviations below.
    assert sum(delay <= fourth_s for delay in delays) / len(delays) >= 0.98


def test_the_frame_arrives_as_sent(in_virtual_time, badge, host, advertisement):
    async def scenario() -> Advertisement:
        air = Air(0.0, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        badge(air).radio.advertise(20_000, advertisement, connectable=False)
        return (await receiver.heard.get())[1]

    heard = in_virtual_time(scenario())
    assert heard.data_bytes == advertisement
    assert not heard.is_connectable
    assert heard.rssi == NEAR_DBM


def test_each_pair_has_its_own_signal_and_range(in_virtual_time, badge, host, advertisement):
    def signal(sender: str, receiver: str) -> int | None:
        return {("badge-1", "hub-1"): -48, ("badge-1", "hub-2"): -91}.get((sender, receiver))

    async def scenario() -> tuple[int, int, int]:
        air = Air(0.0, random.Random(7), signal=signal)
        near, far, deaf = [
            await Receiver(await host(air, f"hub-{number}")).scan() for number in (1, 2, 3)
        ]
        badge(air).radio.advertise(20_000, advertisement, connectable=True)
        first, second = [(await each.heard.get())[1] for each in (near, far)]
        return first.rssi, second.rssi, deaf.heard.qsize()

    assert in_virtual_time(scenario()) == (-48, -91, 0)


def test_a_call_replaces_what_was_advertised_at_once(in_virtual_time, badge, host, advertisement):
    async def scenario() -> tuple[bytes, bytes, float]:
        air = Air(0.0, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        radio = badge(air).radio
        radio.advertise(1_000_000, advertisement, connectable=True)
        first = (await receiver.heard.get())[1]
        begun = asyncio.get_running_loop().time()
        radio.advertise(250_000, advertisement[:-1] + b"\xff", connectable=True)
        time_s, second = await receiver.heard.get()
        return first.data_bytes, second.data_bytes, time_s - begun

    first, second, delay_s = in_virtual_time(scenario())
    assert first == advertisement
    assert second == advertisement[:-1] + b"\xff"
    assert delay_s < 0.001


def test_a_badge_that_stops_or_loses_power_is_silent(in_virtual_time, badge, host, advertisement):
    async def scenario() -> list[int]:
        air = Air(0.0, random.Random(7))
        await Receiver(await host(air)).scan()
        stopping, dying = badge(air, 1), badge(air, 2)
        for each in (stopping, dying):
            each.radio.advertise(20_000, advertisement, connectable=True)
            await each.radio.settled()
        stopping.radio.advertise(0, None, connectable=True)
        await stopping.radio.settled()
        dying.radio.close()
        before = air.counters.sent
        await asyncio.sleep(60)
        return [before, air.counters.sent]

    before, after = in_virtual_time(scenario())
    assert before == after


def test_a_new_address_is_used_from_the_next_advert_on(in_virtual_time, badge, host, advertisement):
    async def scenario() -> str:
        air = Air(0.0, random.Random(7))
        receiver = await Receiver(await host(air)).scan()
        radio = badge(air).radio
        radio.set_address("4A:11:22:33:44:55")
        radio.advertise(20_000, advertisement, connectable=True)
        heard = (await receiver.heard.get())[1]
        return heard.address.to_string(with_type_qualifier=False)

    assert in_virtual_time(scenario()) == "4A:11:22:33:44:55"


def test_three_gateways_hear_twenty_badges(in_virtual_time, badge, host, advertisement):
    async def scenario() -> list[set[str]]:
        air = Air(0.3, random.Random(7))
        receivers = [await Receiver(await host(air, f"hub-{n}")).scan() for n in (1, 2, 3)]
        for number in range(1, 21):
            badge(air, number).radio.advertise(100_000, advertisement, connectable=True)
        return [await _addresses(receiver, 20) for receiver in receivers]

    heard = in_virtual_time(scenario())
    assert all(len(addresses) == 20 for addresses in heard)


async def _addresses(receiver: Receiver, count: int) -> set[str]:
    addresses: set[str] = set()
    while len(addresses) < count:
        addresses.add(str((await receiver.heard.get())[1].address))
    return addresses


def test_the_same_seed_gives_the_same_receptions(in_virtual_time, badge, host, advertisement):
    async def scenario() -> list[float]:
        air = Air(0.3, random.Random(42))
        receivers = [await Receiver(await host(air, f"hub-{n}")).scan() for n in (1, 2)]
        for number in (1, 2, 3):
            badge(air, number).radio.advertise(20_000, advertisement, connectable=True)
        return [time for each in receivers for time in await each.times(500)]

    assert in_virtual_time(scenario()) == in_virtual_time(scenario())


def test_an_active_scan_reports_the_frame_although_responses_get_lost(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> set[bytes]:
        air = Air(0.3, random.Random(7))
        receiver = Receiver(await host(air))
        await receiver.device.start_scanning(active=True, filter_duplicates=False)
        badge(air).radio.advertise(20_000, advertisement, connectable=True)
        heard = [(await receiver.heard.get())[1] for _ in range(300)]
        return {bytes(each.data.get(0xFF, raw=True)) for each in heard}

    assert in_virtual_time(scenario()) == {advertisement[5:]}
