"""Buttons of other makers: what is taken for a press, and what is not."""

from typing import NamedTuple, get_args

import pytest
from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from habluetooth import BluetoothServiceInfoBleak
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.bthome import UUID, Said, counter_of, open_frame
from gateway.buttons import BURST_MS, EVENTS, OVERTAKEN_MS, Buttons, event_of
from gateway.intake import Accepted, Repeated
from gateway.registry import ButtonKey
from gateway.reports import to_message
from simulator.bthome_button import BthomeButton, Press
from wire.frame import KIND_ASSIST, KIND_SOS, KIND_STATUS, KIND_TEST, PHASE_IDLE, PHASE_RAISED

NOW_MS = 1_790_000_000_000
# The example of bthome.io/encryption.
ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
GOLDEN_OBJECTS = bytes.fromhex("02ca0903bf13")
GOLDEN = bytes.fromhex("41a47266c95f730011223378237214")
ENTRY = ButtonKey(number=12, address=ADDRESS, key=KEY.hex(), place="Interview room 2")


def button(**options) -> BthomeButton:
    return BthomeButton(ADDRESS, KEY, **options)


def rules(**changes: str) -> Buttons:
    return Buttons([ButtonKey(12, ADDRESS, KEY.hex(), "Interview room 2", **changes)])


def hear(buttons: Buttons, payload: bytes, now_ms: int = NOW_MS):
    return buttons.hear(now_ms, ADDRESS, payload)


def restarted(*accepted: Accepted) -> Buttons:
    """The rules after a restart: they know what was committed, and no more."""
    buttons = rules()
    for one in accepted[-1:]:
        buttons.restore(one.badge, one.counter, one.frame)
    return buttons


class Peer:
    """bthome-ble by itself, as a hub uses it."""

    def __init__(self) -> None:
        self._parser = BTHomeBluetoothDeviceData(bindkey=KEY)

    def takes(self, payload: bytes, at_s: float) -> bool:
        """Whether it takes this for a press."""
        advertisement = BluetoothServiceInfoBleak(
            name="",
            address=ADDRESS,
            rssi=-60,
            manufacturer_data={},
            service_data={UUID: payload},
            service_uuids=[],
            source="hci0",
            device=BLEDevice(ADDRESS, None, None),
            advertisement=None,
            connectable=False,
            time=at_s,
            tx_power=None,
        )
        return bool(self._parser.update(advertisement).events)


class Verdict(NamedTuple):
    """What a frame was taken for."""

    kind: int
    event: int


def verdict(buttons: Buttons, payload: bytes, now_ms: int) -> Verdict | None:
    found = hear(buttons, payload, now_ms)
    if not isinstance(found, Accepted):
        return None
    return Verdict(found.report.kind, found.report.event)


def test_the_frame_of_the_bthome_documentation_is_opened() -> None:
    assert open_frame(ADDRESS, KEY, GOLDEN) == Said((), None, None)
    assert counter_of(GOLDEN) == int.from_bytes(bytes.fromhex("00112233"), "little")
    found = hear(rules(), GOLDEN)
    assert isinstance(found, Accepted)
    assert found.report.kind == KIND_STATUS


def test_the_virtual_button_makes_the_frame_of_the_bthome_documentation() -> None:
    assert button().seal(GOLDEN_OBJECTS, counter_of(GOLDEN), flags=0) == GOLDEN


def test_a_press_is_a_raised_event_with_a_place() -> None:
    found = hear(rules(), button(counter=41, battery=87).press())
    assert isinstance(found, Accepted)
    assert (found.report.kind, found.report.phase) == (KIND_SOS, PHASE_RAISED)
    message = to_message(found, "hub-1", NOW_MS, -70)
    told = (message.badge, message.event, message.counter, message.place, message.battery)
    assert told == (12, 42, 41, "Interview room 2", 87)
    assert message.position is None


def test_every_kind_of_press_calls_for_help_unless_told_otherwise() -> None:
    for kind in get_args(Press):
        assert verdict(rules(), button().press(kind), NOW_MS) == Verdict(KIND_SOS, 2)


def test_a_press_says_what_the_registry_says() -> None:
    meanings = {"single": "assist", "double": "sos", "triple": "nothing", "long": "test"}
    kinds = {
        "single": KIND_ASSIST,
        "double": KIND_SOS,
        "triple": KIND_STATUS,
        "long": KIND_TEST,
        "hold": KIND_TEST,
    }
    for press, kind in kinds.items():
        found = verdict(rules(**meanings), button().press(press), NOW_MS)
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize("which", range(1, 5))
def test_any_button_of_a_wall_switch_with_four_is_a_press(which: int) -> None:
    assert verdict(rules(), button().press(button=which), NOW_MS) == Verdict(KIND_SOS, 2)


def test_of_two_presses_in_one_frame_the_graver_counts() -> None:
    both = button().seal(bytes.fromhex("3a043a01"))
    assert verdict(rules(long="test"), both, NOW_MS) == Verdict(KIND_SOS, 2)


def test_a_beacon_is_a_sign_of_life_and_no_event() -> None:
    found = hear(rules(), button(battery=34).beacon())
    assert isinstance(found, Accepted)
    assert (found.report.kind, found.report.phase) == (KIND_STATUS, PHASE_IDLE)
    assert (found.report.event, found.report.battery) == (0, 34)


def test_a_button_without_packet_id_and_battery_is_understood() -> None:
    found = hear(rules(), button(battery=None, packets=False).press())
    assert isinstance(found, Accepted)
    assert (found.report.kind, found.report.battery) == (KIND_SOS, None)


def test_an_address_inside_the_frame_goes_before_the_advertisers() -> None:
    outside = BthomeButton(ADDRESS, KEY)
    head = bytes((0x40 | 0x01 | 0x02,))
    sealed = outside.seal(bytes((0x3A, 1)), counter=9, flags=0x02)
    framed = head + bytes.fromhex(ADDRESS.replace(":", ""))[::-1] + sealed[1:]
    found = rules().hear(NOW_MS, "C0:00:00:00:00:01", framed)
    assert isinstance(found, Accepted)
    assert found.report.event == event_of(9)


def test_the_same_frame_again_is_no_second_press_also_after_a_restart() -> None:
    buttons, payload = rules(), button().press()
    first = hear(buttons, payload)
    assert isinstance(first, Accepted)
    assert isinstance(hear(buttons, payload, NOW_MS + 60_000), Repeated)
    assert isinstance(hear(restarted(first), payload, NOW_MS + 60_000), Repeated)


def test_a_burst_with_a_counter_for_each_frame_is_one_press() -> None:
    buttons = rules()
    frames = button().burst(6)
    found = [verdict(buttons, frame, NOW_MS + at * 300) for at, frame in enumerate(frames)]
    assert found == [Verdict(KIND_SOS, 2), *[Verdict(KIND_STATUS, 0)] * 5]


def test_the_same_packet_id_is_another_press_after_4_s_and_in_another_kind() -> None:
    said = button()
    first, second, third = *said.burst(2), said.seal(bytes.fromhex("00013a04"))
    buttons = rules(long="assist")
    assert verdict(buttons, first, NOW_MS) == Verdict(KIND_SOS, 2)
    assert verdict(buttons, second, NOW_MS + BURST_MS) == Verdict(KIND_SOS, 3)
    assert verdict(buttons, third, NOW_MS + BURST_MS + 1) == Verdict(KIND_ASSIST, 4)


def test_a_beacon_with_the_packet_id_of_the_press_hides_no_press() -> None:
    said, buttons = button(), rules()
    beacon, press = said.seal(bytes.fromhex("00070164")), said.seal(bytes.fromhex("00073a01"))
    hear(buttons, beacon)
    assert verdict(buttons, press, NOW_MS + 1) == Verdict(KIND_SOS, 3)


def test_a_clock_that_is_set_back_in_a_burst_hides_no_press() -> None:
    buttons, frames = rules(), button().burst(2)
    hear(buttons, frames[0])
    assert verdict(buttons, frames[1], NOW_MS - 3_600_000) == Verdict(KIND_SOS, 3)


def test_a_replay_after_a_restart_is_refused_here_and_taken_by_bthome_ble() -> None:
    said, peer, buttons = button(counter=1_780_672_257), Peer(), rules()
    recorded, later = said.press(), said.press()
    accepted = [hear(buttons, payload) for payload in (recorded, later)]
    assert peer.takes(recorded, 0.0)
    assert peer.takes(later, 60.0)

    peer, buttons = Peer(), restarted(*accepted)
    assert peer.takes(recorded, 120.0)
    assert hear(buttons, recorded, NOW_MS + 120_000) is None
    assert buttons.rejected["replay"] == 1


def test_a_replay_below_100_is_refused_here_and_taken_by_bthome_ble() -> None:
    said, peer, buttons = button(counter=7), Peer(), rules()
    recorded, later = said.press(), said.press()
    for at_s, payload in ((0, recorded), (60, later)):
        assert peer.takes(payload, at_s)
        assert isinstance(hear(buttons, payload, NOW_MS + at_s * 1000), Accepted)
    assert peer.takes(recorded, 120.0)
    assert hear(buttons, recorded, NOW_MS + 120_000) is None
    assert buttons.rejected["replay"] == 1


def test_a_button_that_counts_backwards_is_told_and_a_frame_that_was_overtaken_is_not() -> None:
    said, buttons = button(), rules()
    early, overtaken, late = said.press(), said.press(), said.press()
    hear(buttons, early)
    hear(buttons, late)
    assert hear(buttons, overtaken, NOW_MS + 10) is None
    forged = BthomeButton(ADDRESS, bytes(16)).press()
    assert hear(buttons, forged, NOW_MS + OVERTAKEN_MS) is None
    assert (buttons.take_set_back(), buttons.warnings()) == ({}, ())
    assert hear(buttons, button().press("long"), NOW_MS + OVERTAKEN_MS) is None
    assert buttons.take_set_back() == {12: 1}
    assert buttons.take_set_back() == {}
    assert buttons.warnings() == ("button 12 counts backwards",)
    hear(buttons, said.press(), NOW_MS + OVERTAKEN_MS)
    assert buttons.warnings() == ()


@pytest.mark.parametrize(
    ("reason", "address", "payload"),
    [
        ("unknown", "54:48:E6:8F:80:A6", GOLDEN),
        ("plain", ADDRESS, bytes.fromhex("443a01")),
        ("malformed", ADDRESS, b""),
        ("malformed", ADDRESS, bytes.fromhex("21") + GOLDEN[1:]),
        ("malformed", ADDRESS, GOLDEN[:10]),
        ("tag", ADDRESS, GOLDEN[:-1] + b"\0"),
    ],
)
def test_what_is_refused_is_counted_under_its_reason(
    reason: str, address: str, payload: bytes
) -> None:
    buttons = rules()
    assert buttons.hear(NOW_MS, address, payload) is None
    assert buttons.rejected == {**dict.fromkeys(buttons.rejected, 0), reason: 1}


def test_a_forged_frame_moves_no_counter() -> None:
    buttons = rules()
    forged = BthomeButton(ADDRESS, bytes(16), counter=0xFFFF_FFFF).press()
    assert hear(buttons, forged) is None
    assert isinstance(hear(buttons, button().press()), Accepted)


def test_gateways_that_hear_a_press_name_the_same_event_whatever_they_heard_before() -> None:
    said, near, far = button(counter=70_000), rules(), rules()
    for _ in range(5):
        hear(near, said.press())
    press = said.press()
    assert verdict(near, press, NOW_MS) == verdict(far, press, NOW_MS + 900)


@given(st.integers(0, 0xFFFF_FFFF), st.integers(1, EVENTS - 1))
def test_an_event_number_comes_again_after_65535_frames_and_not_before(
    counter: int, later: int
) -> None:
    assert 1 <= event_of(counter) <= EVENTS
    assert event_of(counter) != event_of(counter + later)
    assert event_of(counter) == event_of(counter + EVENTS)


@given(st.sampled_from((ADDRESS, "C0:00:00:00:00:01", "")), st.binary(max_size=40))
def test_any_bytes_are_refused_and_counted_once(address: str, payload: bytes) -> None:
    buttons = rules()
    assert buttons.hear(NOW_MS, address, payload) is None
    assert sum(buttons.rejected.values()) == 1


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_sealed_bytes_are_accepted_or_refused(objects: bytes) -> None:
    buttons = rules()
    found = hear(buttons, button().seal(objects))
    assert (found is None) == bool(sum(buttons.rejected.values()))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 6_000), st.booleans()), max_size=25),
    st.integers(0, 90),
)
def test_a_counter_is_accepted_once_at_most_and_a_restart_changes_no_verdict(
    heard: list[tuple[int, int, bool]], counter: int
) -> None:
    said = button(counter=counter)
    frames = [said.press(), *said.burst(3), said.beacon(), *said.burst(3, "long"), said.press()]
    frames += [said.beacon(), said.press("double"), said.press("triple")]
    steady, torn, accepted, now_ms = rules(), rules(), [], NOW_MS
    for which, pause_ms, restart in heard:
        now_ms += pause_ms
        if restart:
            torn = restarted(*accepted)
        found = hear(torn, frames[which], now_ms)
        assert type(found) is type(hear(steady, frames[which], now_ms))
        if isinstance(found, Accepted):
            accepted.append(found)
    counters = [one.counter for one in accepted]
    assert counters == sorted(set(counters))


def test_no_secret_is_in_a_repr() -> None:
    assert KEY.hex() not in repr(ENTRY)


def test_a_counter_that_its_frame_does_not_prove_is_not_believed() -> None:
    found = hear(rules(), button(counter=500).press())
    assert isinstance(found, Accepted)
    forged = BthomeButton(ADDRESS, bytes(16), counter=500).press()
    for counter, memory in (
        (0xFFFF_FFFF, found.frame),
        (500, found.frame[:5]),
        (500, b""),
        (500, found.frame[: -len(forged)] + forged),
    ):
        buttons = rules()
        assert not buttons.restore(12, counter, memory)
        assert isinstance(hear(buttons, button(counter=400).press()), Accepted)


def test_the_counter_of_something_that_is_no_button_is_left_alone() -> None:
    assert rules().restore(13, 9, bytes(24))


def test_another_registry_keeps_the_counters_of_buttons_that_stayed() -> None:
    buttons, said = rules(), button(counter=5)
    recorded = said.press()
    hear(buttons, recorded)
    hear(buttons, said.press())
    moved = ButtonKey(12, ADDRESS, KEY.hex(), "Interview room 3", double="assist")
    buttons.renew([moved, ButtonKey(13, "54:48:E6:8F:80:A6", KEY.hex(), "Reception")])
    assert hear(buttons, recorded) is None
    found = hear(buttons, said.press("double"))
    assert isinstance(found, Accepted)
    assert (found.report.kind, found.place) == (KIND_ASSIST, "Interview room 3")
    other = BthomeButton("54:48:E6:8F:80:A6", KEY).press()
    assert buttons.hear(NOW_MS, "54:48:e6:8f:80:a6", other)
    buttons.renew([])
    assert hear(buttons, said.press()) is None
    assert buttons.rejected["unknown"] == 1


def test_a_flood_of_forged_frames_writes_nothing_into_the_log(caplog):
    buttons = rules()
    for counter in range(20):
        forged = BthomeButton(ADDRESS, bytes(16), counter=counter).press()
        assert hear(buttons, forged) is None
    assert buttons.rejected["tag"] == 20
    assert not caplog.records
