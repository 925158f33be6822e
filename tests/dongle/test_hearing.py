"""What the interrupt hears comes out of the ring as it was, and nothing of it is allocated."""

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dongle import writes
from dongle.hearing import REPEAT_MS, SLOTS, STALE_MS, Hearing
from simulator.vm_script import run_script
from wire.frame import to_advertisement
from wire.link import Advert

HERE = Path(__file__).parent
COMPANY = 0x0BAD
TICKS_END = 1 << 30
ADDRESSES = st.binary(min_size=6, max_size=6)
FRAMES = st.binary(min_size=24, max_size=24)


def say(hearing: Hearing, at_ms: int, address: bytes, frame: bytes, rssi: int = -60) -> bool:
    return hearing.heard(
        at_ms % TICKS_END,
        1,
        memoryview(address),
        rssi,
        memoryview(to_advertisement(frame, COMPANY)),
    )


def taken(hearing: Hearing, at_ms: int) -> list[Advert]:
    adverts = []
    while (advert := hearing.take(at_ms % TICKS_END)) is not None:
        adverts.append(advert)
    return adverts


@given(
    heard=st.lists(st.tuples(ADDRESSES, FRAMES, st.integers(-128, 127)), max_size=SLOTS // 2),
    start_ms=st.integers(0, TICKS_END - 1),
    age_ms=st.integers(0, STALE_MS),
)
def test_adverts_come_out_as_they_were_heard_also_where_the_ticks_wrap(
    heard: list[tuple[bytes, bytes, int]], start_ms: int, age_ms: int
) -> None:
    hearing = Hearing(COMPANY)
    unlike = list(
        {address + frame: (address, frame, rssi) for address, frame, rssi in heard}.values()
    )
    for address, frame, rssi in unlike:
        assert say(hearing, start_ms, address, frame, rssi)
    assert taken(hearing, start_ms + age_ms) == [
        Advert(address, 1, rssi, age_ms, to_advertisement(frame, COMPANY))
        for address, frame, rssi in unlike
    ]
    assert hearing.adverts == len(unlike)


@given(payload=st.binary(max_size=31), company=st.integers(0, 0xFFFF))
def test_what_is_not_of_the_company_is_counted_and_goes_no_further(
    payload: bytes, company: int
) -> None:
    hearing = Hearing(company)
    ours = len(payload) == 31 and payload[3:7] == b"\x1b\xff" + company.to_bytes(2, "little")
    assert hearing.heard(0, 1, b"abcdef", -60, payload) == ours
    assert (hearing.adverts, hearing.foreign) == (int(ours), int(not ours))


@given(
    gaps_ms=st.lists(st.integers(0, 3 * REPEAT_MS), max_size=40),
    start_ms=st.integers(0, TICKS_END - 1),
)
def test_what_is_said_again_at_once_is_relayed_once(gaps_ms: list[int], start_ms: int) -> None:
    hearing = Hearing(COMPANY)
    now_ms, relayed_ms = start_ms, None
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        fresh = relayed_ms is None or now_ms - relayed_ms >= REPEAT_MS
        assert say(hearing, now_ms, b"abcdef", bytes(24)) == fresh
        relayed_ms = now_ms if fresh else relayed_ms
        taken(hearing, now_ms)
    assert hearing.adverts == len(gaps_ms)


def test_the_same_frame_from_another_address_is_another_advert() -> None:
    hearing = Hearing(COMPANY)
    assert say(hearing, 0, b"abcdef", bytes(24))
    assert say(hearing, 1, b"abcdeg", bytes(24))
    assert [advert.address for advert in taken(hearing, 2)] == [b"abcdef", b"abcdeg"]


def test_the_strongest_of_repeats_that_wait_is_told() -> None:
    hearing = Hearing(COMPANY)
    for rssi in (-80, -50, -70):
        say(hearing, 0, b"abcdef", bytes(24), rssi)
    assert [advert.rssi for advert in taken(hearing, 0)] == [-50]


@given(count=st.integers(0, 3 * SLOTS))
def test_a_full_ring_keeps_what_it_has_and_counts_the_rest(count: int) -> None:
    hearing = Hearing(COMPANY)
    for number in (*range(count), *range(count)):
        say(hearing, 0, b"abcdef", number.to_bytes(24, "big"))
    kept = len(taken(hearing, 0))
    assert kept == min(count, SLOTS - 1)
    assert hearing.overflows + hearing.repeats == 2 * count - kept


@given(badge=FRAMES, seed=st.integers(0))
def test_a_badge_that_repeats_itself_gets_into_a_crowd_of_forged_frames(
    badge: bytes, seed: int
) -> None:
    rng = random.Random(seed)
    forged = [rng.randbytes(24) for _ in range(200)]
    hearing = Hearing(COMPANY)
    for number, frame in enumerate(forged):
        say(hearing, number, number.to_bytes(6, "big"), frame)
    for at_ms in (200, 220):
        say(hearing, at_ms, b"badge7", badge)
    assert b"badge7" in {advert.address for advert in taken(hearing, 300)}


@given(old=st.integers(0, 20), new=st.integers(0, 20), dropped=st.booleans())
def test_what_waited_too_long_is_dropped_and_counted(old: int, new: int, dropped: bool) -> None:
    hearing = Hearing(COMPANY)
    for number in range(old):
        say(hearing, 0, b"older.", number.to_bytes(24, "big"))
    for number in range(new):
        say(hearing, 500, b"newer.", number.to_bytes(24, "big"))
    if dropped:
        hearing.drop_stale(STALE_MS + 1)
    adverts = taken(hearing, STALE_MS + 1)
    assert [advert.address for advert in adverts] == [b"newer."] * new
    assert hearing.stale == old
    assert not hearing.waiting


def test_the_interrupt_allocates_nothing() -> None:
    new, repeats, foreign, lost = map(int, run_script(HERE / "no_allocation.py", "5000").split())
    assert (new, foreign) == (SLOTS - 1, 5000)
    assert new + repeats + lost == 10_000


def test_the_decoder_allocates_for_a_chunk_and_a_frame_but_not_for_a_byte() -> None:
    garbage, frame = map(int, run_script(HERE / "decoder_memory.py").split())
    # On the 64-bit machine: the copy of the chunk and the list; the body and its tuple too.
    assert garbage < 128 + 160
    assert frame < 500


def test_no_interrupt_of_the_radio_allocates_and_an_endless_peer_is_heard_out_later() -> None:
    signals, rest = run_script(HERE / "radio_interrupts.py").split("] ")
    told = [
        writes.CONNECTED,
        writes.SIZED,
        writes.SERVICE,
        writes.SERVICES_DONE,
        writes.COMMAND_FOUND,
        writes.CHARACTERISTICS_DONE,
        writes.WRITTEN,
        writes.REPLY,
        writes.DISCONNECTED,
    ]
    assert signals.strip("[").split(", ") == [str(signal) for signal in told]
    whole, endless, after = map(int, rest.split())
    assert whole
    assert 0 < endless < 32
    assert after == 0
