"""The real firmware in the real virtual machine, in virtual time."""

import json
from pathlib import Path

import pytest

from badge.boards import esp32_generic as board
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.single import LockstepBadge
from tests.badge.vm_badge import COMMAND, advertised, command, felt
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.command import (
    OP_ACKNOWLEDGED,
    OP_DELIVERED,
    OP_HEARD,
    OP_RESOLVED,
    OP_TIME,
    REPLY_BIT,
    open_command,
)
from wire.frame import (
    KIND_SOS,
    KIND_STATUS,
    PHASE_IDLE,
    PHASE_RAISED,
    minute_of,
)

UNIX_S = 1_754_882_787


def test_a_hold_is_on_the_air_1500_ms_after_the_finger(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        heard = advertised(badge.run(1_500), ear)
        events = [h for h in heard if h.report.kind != KIND_STATUS]
        assert [(h.badge, h.report.kind, h.report.phase) for h in events] == [
            (7, KIND_SOS, PHASE_RAISED)
        ]


def test_the_wearer_feels_every_stage(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        badge.run(3_000)
        for opcode in (OP_HEARD, OP_DELIVERED, OP_ACKNOWLEDGED, OP_RESOLVED):
            command(badge, ear, opcode, b"\x05" if opcode == OP_ACKNOWLEDGED else b"")
            badge.run(5_000)
        assert [names[-1] for names in felt(badge.said)] == [
            "heard",  # recognised: they feel alike
            "heard",
            "delivered",
            "acknowledged",
            "resolved",
        ]
        badge.run(15_000)
        assert advertised(badge.run(60_000), ear)[-1].report.phase == PHASE_IDLE


def test_the_badge_itself_answers_a_command(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        badge.run(2_000)
        command(badge, ear, OP_HEARD)
        (notify,) = [s.words for s in badge.run(100) if s.words[0] == "notify"]
        reply = open_command(COMMAND, bytes.fromhex(notify[3]))
        assert (reply.opcode, reply.event) == (OP_HEARD | REPLY_BIT, 1)


def test_a_forged_command_is_not_answered_and_its_peer_is_dropped(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        badge.run(2_000)
        badge.send("connect 1 010203040506")
        badge.send("write 1 16 " + bytes(29).hex())
        badge.send("write 1 16 " + bytes(200).hex())
        said = badge.run(4_000)
        assert [s.words for s in said if s.words[0] in ("notify", "disconnect")] == [
            ("disconnect", "1")
        ]
        assert advertised(said, ear)[-1].report.phase == PHASE_RAISED


def test_a_connection_leaves_the_alert_on_the_air(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        badge.run(2_000)
        before = advertised(badge.said, ear)[-1]
        badge.send("connect 1 010203040506")
        (again,) = [s for s in badge.run(50) if s.words[0] == "adv"]
        assert again.words[1:3] == ("100000", "0")  # as often as Bluetooth 4.2 lets it be said
        assert advertised([again], ear) == [before]


def test_a_peer_that_cannot_be_dropped_stops_nothing(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(2_000)
        badge.send("connect 1 010203040506")
        badge.run(20_000)  # told to go, and told again, while its link times out
        assert badge.stopped == ""
        badge.send("disconnect 1 010203040506")
        (again,) = [s for s in badge.run(50) if s.words[0] == "adv"]
        assert again.words[2] == "1"


def test_peers_whose_end_was_not_noted_are_forgotten(badge_files: BadgeFiles) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(2_000)
        for peer in range(16):  # as many as the ring notes
            badge.send(f"connect {peer} 010203040506")
        for peer in range(16):
            badge.send(f"disconnect {peer} 010203040506")
        badge.run(120_000)
        assert badge.stopped == ""
        assert [s.words[2] for s in badge.said if s.words[0] == "adv" and len(s.words) > 2][
            -1
        ] == "1"


def test_a_receiver_that_says_nothing_is_a_fault_until_it_speaks(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(20_000)
        assert not advertised(badge.said, ear)[-1].report.fault
        badge.run(30_000)
        assert advertised(badge.said, ear)[-1].report.fault
        badge.send(f"uart {board.GNSS_UART} {b'$GNRMC,,V,,,,,,,,,,N,V*37'.hex()}0d0a")
        badge.run(10_000)
        assert not advertised(badge.said, ear)[-1].report.fault


def test_a_receivers_time_puts_a_clock_right_that_has_drifted(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    recording = (Path(__file__).parents[1] / "data" / "nmea" / "neo-m8n.nmea").read_bytes()
    with LockstepBadge(badge_files, unix_s=UNIX_S) as badge:
        badge.press(for_ms=2_000)
        badge.run(3_000)
        before = advertised(badge.said, ear)[-1].report.minute
        for at in range(0, len(recording), 900):
            badge.send(f"uart {board.GNSS_UART} {recording[at : at + 900].hex()}", after_ms=at)
        badge.run(len(recording) + 10_000)
        assert before == minute_of(UNIX_S)
        written = [int(s.words[1]) for s in badge.said if s.words[0] == "rtc"]
        assert abs(written[0] - UNIX_S) > 86_400
        shown = advertised(badge.said, ear)[-1].report.minute
        assert shown in (minute_of(written[-1]), minute_of(written[-1] + 60))


def test_a_badge_without_a_cell_says_so(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.send(f"adc {board.BATTERY_ADC} 0")
        badge.run(1_000)
        report = advertised(badge.said, ear)[-1].report
        assert (report.battery, report.fault) == (None, True)


def test_time_comes_from_a_command_and_into_the_frames(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press()
        badge.run(3_000)
        assert advertised(badge.said, ear)[-1].report.minute is None
        command(badge, ear, OP_TIME, UNIX_S.to_bytes(4, "little"))
        minutes = [h.report.minute for h in advertised(badge.run(6_000), ear)]
        assert minutes[-1] == minute_of(UNIX_S)


@pytest.mark.parametrize("name", ["neo-m8n", "mt3339", "quectel-l76k-nmea"])
def test_a_recording_becomes_a_position_in_the_frames(
    badge_files: BadgeFiles, ear: Ear, name: str
) -> None:
    recording = (Path(__file__).parents[1] / "data" / "nmea" / f"{name}.nmea").read_bytes()
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(3_000)
        for at in range(0, len(recording), 900):
            badge.send(f"uart {board.GNSS_UART} {recording[at : at + 900].hex()}", after_ms=at)
        badge.run(len(recording) + 10_000)
        fix = advertised(badge.said, ear)[-1].report.fix
        assert fix is not None
        latitude, longitude = (47.66, -122.32) if "quectel" in name else (44.07, -121.31)
        assert abs(fix.latitude_udeg / 1e6 - latitude) < 0.01
        assert abs(fix.longitude_udeg / 1e6 - longitude) < 0.01


def test_a_bare_badge_says_so_and_does_not_start(tmp_path: Path) -> None:
    files = BadgeFiles(tmp_path)
    files.make(7, 0, bytes(16), bytes(16))
    files.nvs.write_text('{"tocsin": {}}')
    badge = LockstepBadge(files)
    try:
        badge.run(1_000)
        assert badge.stopped == "ended"
        assert not [s for s in badge.said if s.words[0] == "adv"]
    finally:
        badge.power_off()


def test_a_damaged_configuration_is_a_fault_not_a_dead_badge(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    badge_files.write("config.json", b'{"hold_ms": "long"')
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(2_000)
        report = advertised(badge.said, ear)[-1].report
        assert (report.phase, report.fault) == (PHASE_RAISED, True)


@pytest.mark.parametrize(
    "nonsense", [{"heartbeat_ms": 0}, {"hold_ms": -5}, {"debounce_ms": 9_999_999}]
)
def test_a_number_out_of_range_is_a_fault_and_the_default(
    badge_files: BadgeFiles, ear: Ear, nonsense: dict[str, int]
) -> None:
    badge_files.write("config.json", json.dumps(nonsense).encode())
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(2_000)
        heard = advertised(badge.said, ear)
        assert (heard[-1].report.phase, heard[-1].report.fault) == (PHASE_RAISED, True)
        assert len(heard) < 10


# -- power cuts ---------------------------------------------------------------


@pytest.mark.parametrize(("covert", "shown"), [(True, set()), (False, {board.LED, board.BUZZER})])
def test_only_a_loud_badge_lights_and_sounds(
    badge_files: BadgeFiles, covert: bool, shown: set[int]
) -> None:
    badge_files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, covert=covert)
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        said = badge.run(5_000)
        pins = {int(s.words[1]) for s in said if s.words[0] == "pin" and s.words[2] == "1"}
        assert pins & {board.LED, board.BUZZER} == shown
        assert board.MOTOR in pins


def test_a_button_stuck_at_power_on_calls_for_help_once(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.send(f"pin {board.BUTTON} 0")
        badge.run(3_600_000)
        events = {h.report.event for h in advertised(badge.said, ear)}
        assert events <= {0, 1}
        assert advertised(badge.said, ear)[-1].report.kind == KIND_SOS
