"""Packets are lost as the Bluetooth specification, data sheets and the theory of fading say."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.draws import Draws
from simulator.world.interference import BURST_MS, CHANNEL_MHZ, mask_db, overlap_share, wifi_into
from simulator.world.reception import (
    CERTAIN,
    NEEDED_SNR_DB,
    PDU_MS,
    RICIAN_K_DB,
    bit_error_rate,
    fading_table,
    heard_share,
    lost_of,
    packet_error_rate,
)
from simulator.world.scanning import EVENT_MS, SPACING_MS, met, patterns

margins = st.floats(-60, 60)


def test_at_the_sensitivity_the_specified_share_is_lost() -> None:
    assert bit_error_rate(0) == pytest.approx(0.001)
    assert packet_error_rate(0) == pytest.approx(0.308, abs=0.001)
    assert lost_of(0) / CERTAIN == pytest.approx(0.308, abs=0.001)
    assert round(NEEDED_SNR_DB, 1) == 10.9
    assert PDU_MS == 0.376


@given(margins, margins)
def test_a_stronger_signal_never_loses_more(one: float, other: float) -> None:
    faint, strong = sorted((one, other))
    assert 0 <= lost_of(strong) <= lost_of(faint) <= CERTAIN
    assert heard_share(faint, direct=False) <= heard_share(strong, direct=False)


@given(st.floats(-9, 7))
def test_the_table_is_the_curve(margin_db: float) -> None:
    off_db = 1 / 16  # half a step
    high, low = packet_error_rate(margin_db - off_db), packet_error_rate(margin_db + off_db)
    assert low - 1e-6 <= lost_of(margin_db) / CERTAIN <= high + 1e-6


@pytest.mark.parametrize("direct", [False, True])
def test_fading_takes_and_gives_the_same_power(direct: bool) -> None:
    fades = fading_table(direct)
    assert len(fades) == 1024
    assert list(fades) == sorted(fades)
    power = statistics.mean(10 ** (fade / 10) for fade in fades)
    assert power == pytest.approx(1, abs=0.01)


def test_without_a_line_of_sight_fading_is_rayleighs() -> None:
    fades = fading_table(direct=False)
    for level_db in (-20, -10, -3, 0, 3):
        share = sum(fade < level_db for fade in fades) / len(fades)
        assert share == pytest.approx(1 - math.exp(-(10 ** (level_db / 10))), abs=0.002)


def test_with_a_line_of_sight_fading_is_rices() -> None:
    fades = fading_table(direct=True)
    powers = [10 ** (fade / 10) for fade in fades]
    k = 10 ** (RICIAN_K_DB / 10)
    # The variance of a Rician power whose mean is 1.
    assert statistics.pvariance(powers) == pytest.approx((1 + 2 * k) / (1 + k) ** 2, rel=0.02)
    assert fades[10] > fading_table(direct=False)[10] + 4


@given(st.integers(1, 13), st.integers(0, 2))
def test_wifi_disturbs_what_it_overlaps(channel: int, index: int) -> None:
    off_mhz = abs(2407 + 5 * channel - CHANNEL_MHZ[index])
    assert (wifi_into(index, channel) > -13) == (off_mhz <= 9)
    assert wifi_into(index, channel) == pytest.approx(mask_db(off_mhz) - 12.2, abs=0.01)


def test_the_advertising_channels_lie_between_the_usual_wifi_channels() -> None:
    assert all(wifi_into(index, channel) < -20 for index in range(3) for channel in (1, 6, 11))
    assert wifi_into(1, 4) > -13


@given(st.floats(-200, 200), st.floats(-200, 200))
def test_wifi_is_fainter_further_from_its_centre(one: float, other: float) -> None:
    near, far = sorted((abs(one), abs(other)))
    assert mask_db(far) <= mask_db(near) <= 0


@pytest.mark.parametrize("duty", [0.02, 0.1, 0.5, 0.9])
def test_bursts_lie_over_packets_as_often_as_counted(duty: float) -> None:
    rng = Draws(4).stream("bursts", str(duty))
    bursts, at_ms = [], 0.0
    while at_ms < 40_000:
        at_ms += rng.expovariate(duty / (BURST_MS * (1 - duty)))
        bursts.append((at_ms, at_ms := at_ms + rng.expovariate(1 / BURST_MS)))
    packets = sorted(rng.uniform(0, 40_000) for _ in range(20_000))
    hit, at = 0, 0
    for packet in packets:
        while at < len(bursts) - 1 and bursts[at][1] < packet:
            at += 1
        hit += bursts[at][0] < packet + PDU_MS and bursts[at][1] > packet
    assert hit / len(packets) == pytest.approx(overlap_share(duty), abs=0.015)


@given(st.integers(0, 2), st.floats(-6, 2), st.sampled_from([11.25, 30.0, 60.0]))
def test_a_packet_is_met_when_the_scanner_stays_on_its_channel(
    hop: int, after_ms: float, scan_ms: float
) -> None:
    into_ms = (hop * scan_ms + after_ms) % (3 * scan_ms)
    for index in range(3):
        begin, end = into_ms + index * SPACING_MS, into_ms + index * SPACING_MS + PDU_MS
        from_its_hop = [at % scan_ms for at in (begin, end)]
        if min(*from_its_hop, *(scan_ms - each for each in from_its_hop)) < 1e-6:
            continue  # at the very moment of the hop, rounding decides
        stays = int(begin / scan_ms) == int(end / scan_ms)
        assert (index in met(into_ms, scan_ms)) == (stays and int(begin / scan_ms) % 3 == index)


@pytest.mark.parametrize("scan_ms", [11.25, 30.0])
def test_a_slow_scanner_misses_few_events_and_a_fast_one_more(scan_ms: float) -> None:
    shares = {found: share for share, found in patterns(scan_ms)}
    assert sum(shares.values()) == pytest.approx(1)
    # While all three packets fall between two hops, exactly one of them is met.
    assert (
        sum(share for found, share in shares.items() if len(found) == 1) >= 1 - EVENT_MS / scan_ms
    )
    assert 0.02 < shares[()] < 0.11
