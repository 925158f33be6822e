"""The set-up of receivers: the bytes that their makers document, and no others."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyubx2 import SET, UBXMessage, UBXReader, calc_checksum

from badge.boards import esp32_generic as board
from badge.receiver import (
    L76K,
    LC76G,
    UBLOX_8,
    UBLOX_10,
    UNKNOWN,
    Dialogue,
    commands,
    nmea,
    questions,
    recognise,
    ubx,
)
from simulator.badge_files import BadgeFiles
from simulator.lockstep.single import LockstepBadge
from simulator.vm_script import run_script
from tests.badge.conftest import gga, rmc

RECORDINGS = sorted((Path(__file__).parents[1] / "data" / "nmea").glob("*.nmea"))
STAND_INS = Path(__file__).parents[2] / "simulator" / "vm"
KINDS = (UBLOX_8, UBLOX_10, L76K, LC76G)

# -- framing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "golden"),
    [
        ("0a04", "b5620a0400000e34"),  # UBX-MON-VER, poll
        ("06110801", "b56206110200080122 92"),  # UBX-CFG-RXM, power save
        ("0608e80301000100", "b562060806 00e80301000100 0139"),  # UBX-CFG-RATE, 1 Hz
        # UBX-CFG-VALSET of GGA and RMC, from the comments of meshtastic/firmware, src/gps/ubx.h
        ("068a00010000bb00912001ac00912001", "b562068a0e0000010000bb00912001ac009120016a8f"),
    ],
)
def test_a_ubx_frame_is_framed_as_published(message: str, golden: str) -> None:
    assert ubx(bytes.fromhex(message)) == bytes.fromhex(golden)


@pytest.mark.parametrize(
    "golden",
    [
        # Quectel LC76G protocol specification, and Zephyr's driver for it.
        "$PAIR062,0,1*3F", "$PAIR062,3,0*3D", "$PAIR050,1000*12", "$PAIR080,1*2F", "$PQTMVERNO*58",
        # As sent to an L76K by meshtastic/firmware, src/gps/GPS.cpp, and others.
        "$PCAS03,1,0,0,0,1,0,0,0,0,0,,,0,0*02", "$PCAS02,1000*2E", "$PCAS11,0*1D", "$PCAS06,0*1B",
    ],
)  # fmt: skip
def test_a_sentence_has_the_published_checksum(golden: str) -> None:
    assert nmea(golden[1:-3]) == golden.encode() + b"\r\n"


@given(st.binary(min_size=2, max_size=300))
def test_a_ubx_frame_has_the_checksum_of_another_implementation(message: bytes) -> None:
    frame = ubx(message)
    assert frame[:4] == b"\xb5\x62" + message[:2]
    assert int.from_bytes(frame[4:6], "little") == len(message) - 2
    assert frame[6:-2] == message[2:]
    assert frame[-2:] == calc_checksum(frame[2:-2])


# -- set-up -------------------------------------------------------------------


def frames(kind: int) -> list[UBXMessage]:
    """The UBX frames of a set-up, as another implementation understands them."""
    return [UBXReader.parse(one, msgmode=SET) for one in commands(kind) if one[:1] == b"\xb5"]


def sentences(kind: int) -> list[str]:
    return [one.decode().strip()[1:-3] for one in commands(kind) if one[:1] == b"$"]


def test_a_ublox_8_says_rmc_and_gga_once_a_second_and_saves_power() -> None:
    told = frames(UBLOX_8)
    # The short form, which is of the port that it comes in by; parsers know the long one.
    rates = {m.payload[1]: m.payload[2] for m in told[:6]}
    assert [m.identity for m in told] == ["CFG-MSG"] * 6 + [
        "CFG-RATE", "CFG-NAV5", "CFG-PM2", "CFG-RXM",
    ]  # fmt: skip
    # 0 GGA, 1 GLL, 2 GSA, 3 GSV, 4 RMC, 5 VTG
    assert rates == {0: 1, 1: 0, 2: 0, 3: 0, 4: 1, 5: 0}
    rate, model, saving, mode = told[6:]
    assert (rate.measRate, rate.navRate) == (1000, 1)
    assert (model.payload[:2], model.dyn, model.dynModel) == (b"\x01\x00", 1, 0)  # portable
    assert (saving.version, saving.updatePeriod, saving.searchPeriod) == (1, 1000, 10_000)
    flags = (saving.operationMode, saving.doNotEnterOff, saving.updateEPH, saving.waitTimeFix)
    assert flags == (1, 1, 1, 1)  # cyclic tracking, never off
    assert mode.lpMode == 1


def test_a_ublox_10_says_rmc_and_gga_once_a_second_and_saves_power() -> None:
    first, second = frames(UBLOX_10)
    for one in (first, second):
        assert one.identity == "CFG-VALSET"
        assert (one.ram, one.bbr, one.flash) == (1, 0, 0)  # no wear
    said = {name: value for name, value in vars(first).items() if name.startswith("CFG_")}
    assert said == {
        "CFG_MSGOUT_NMEA_ID_GSV_UART1": 0,
        "CFG_MSGOUT_NMEA_ID_GSA_UART1": 0,
        "CFG_MSGOUT_NMEA_ID_GLL_UART1": 0,
        "CFG_MSGOUT_NMEA_ID_VTG_UART1": 0,
        "CFG_MSGOUT_NMEA_ID_RMC_UART1": 1,
        "CFG_MSGOUT_NMEA_ID_GGA_UART1": 1,
        "CFG_RATE_MEAS": 1000,
        "CFG_NAVSPG_DYNMODEL": 0,
    }
    assert second.CFG_PM_OPERATEMODE == 2  # PSMCT


def test_an_l76k_says_rmc_and_gga_once_a_second() -> None:
    assert sentences(L76K) == ["PCAS03,1,0,0,0,1,0,0,0,0,0,,,0,0", "PCAS02,1000", "PCAS11,0"]


def test_an_lc76g_says_rmc_and_gga_once_a_second_and_saves_power() -> None:
    told = sentences(LC76G)
    rates = dict(re.findall(r"PAIR062,(\d),(\d)", " ".join(told)))
    # 0 GGA, 1 GLL, 2 GSA, 3 GSV, 4 RMC, 5 VTG, 6 ZDA
    assert rates == {"0": "1", "1": "0", "2": "0", "3": "0", "4": "1", "5": "0", "6": "0"}
    assert told[7:] == ["PAIR050,1000", "PAIR080,0", "PAIR732,1"]


def test_an_unknown_receiver_is_told_everything() -> None:
    assert list(commands(UNKNOWN)) == [one for kind in KINDS for one in commands(kind)]


@pytest.mark.parametrize("kind", [UNKNOWN, *KINDS])
def test_nothing_that_is_said_does_harm(kind: int) -> None:
    """No reset, no other rate of the line, no saving to flash, nothing that starts it cold."""
    harmless = {"CFG-MSG", "CFG-RATE", "CFG-NAV5", "CFG-PM2", "CFG-RXM", "CFG-VALSET"}
    assert {frame.identity for frame in frames(kind)} <= harmless
    for sentence in sentences(kind):
        assert sentence.split(",")[0] in {
            "PCAS02", "PCAS03", "PCAS11", "PAIR050", "PAIR062", "PAIR080", "PAIR732",
        }  # fmt: skip


# -- recognition --------------------------------------------------------------


def answer(version: bytes, extensions: int) -> bytes:
    payload = b"ROM CORE 1.00 (00000)".ljust(30, b"\0") + version.ljust(10, b"\0")
    return ubx(b"\x0a\x04" + payload + b"FWVER=SPG 1.00".ljust(30, b"\0") * extensions)


# As receivers were seen to say it in public logs; the fix before and behind is ours.
SAYINGS = [
    (b"$GPTXT,01,01,02,HW UBX-G60xx 00040007*52\r\n", UBLOX_8),
    (b"$GNTXT,01,01,02,HW UBX-M8030 00080000*60\r\n", UBLOX_8),
    (b"$GNTXT,01,01,02,HW UBX-M80xx 00080000 *43\r\n", UBLOX_8),
    (answer(b"00040007", 0), UBLOX_8),
    (answer(b"00070000", 2), UBLOX_8),
    (answer(b"00080000", 6), UBLOX_8),
    (answer(b"00190000", 6), UBLOX_10),
    (answer(b"000A0000", 4), UBLOX_10),
    (b"$GPTXT,01,01,02,SW=URANUS5,V5.3.0.0*1D\r\n", L76K),
    (b"$GPTXT,01,01,02,MA=CASIC*27\r\n", L76K),
    (b"$PQTMVERNO,LC76GABNR02A01S,2022/09/14,11:47:03*3D\r\n", LC76G),
    (b"$PAIR001,062,0*3F\r\n", LC76G),
]
said = pytest.mark.parametrize(("saying", "kind"), SAYINGS)


@said
@given(sizes=st.lists(st.integers(1, 256), min_size=1, max_size=8))
def test_a_receiver_is_recognised_by_what_it_says(
    saying: bytes, kind: int, sizes: list[int]
) -> None:
    around = rmc("120000.00") + gga("120000.00")
    stream, dialogue, at = around + saying + around, Dialogue(), 0
    while at < len(stream):
        size = sizes[at % len(sizes)]
        dialogue.hear(stream[at : at + size])
        at += size
    assert dialogue.kind == kind


@given(st.binary(max_size=400))
def test_noise_is_answered_with_some_kind_and_no_error(heard: bytes) -> None:
    assert recognise(heard) in (UNKNOWN, *KINDS)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_sentences_alone_give_no_receiver_away(recording: Path) -> None:
    positions = b"".join(
        line for line in recording.read_bytes().splitlines(keepends=True) if b"TXT" not in line
    )
    assert recognise(positions) == UNKNOWN


# -- the dialogue -------------------------------------------------------------


def listen(dialogue: Dialogue, turns: int) -> list[bytes]:
    """What is said in so many turns."""
    return [one for one in (dialogue.say() for _ in range(turns)) if one is not None]


def test_a_receiver_that_starts_up_is_asked_once_it_speaks_and_then_set_up() -> None:
    dialogue = Dialogue()
    assert listen(dialogue, 5) == []
    dialogue.hear(gga("120000.00"))
    assert listen(dialogue, 3) == list(questions())
    dialogue.hear(answer(b"000A0000", 4))
    assert listen(dialogue, 20) == list(commands(UBLOX_10))
    assert dialogue.done


def test_a_receiver_that_names_itself_is_not_asked() -> None:
    dialogue = Dialogue()
    dialogue.hear(b"$GNTXT,01,01,02,HW UBX-M8030 00080000*60\r\n")
    assert listen(dialogue, 30) == list(commands(UBLOX_8))


def test_a_receiver_that_is_known_is_set_up_at_its_first_word() -> None:
    dialogue = Dialogue(L76K)
    assert listen(dialogue, 5) == []
    dialogue.hear(b"$")
    assert listen(dialogue, 10) == list(commands(L76K))


@pytest.mark.parametrize("speaks", [False, True])
def test_a_receiver_that_does_not_answer_is_told_everything(speaks: bool) -> None:
    dialogue = Dialogue()
    if speaks:
        dialogue.hear(gga("120000.00"))
    assert listen(dialogue, 100) == [*questions(), *commands(UNKNOWN)]
    assert dialogue.done
    assert dialogue.kind == UNKNOWN


# -- on the badge -------------------------------------------------------------


def told(badge: LockstepBadge) -> list[bytes]:
    """What the receiver was told so far."""
    head = ("uart", str(board.GNSS_UART))
    return [bytes.fromhex(s.words[2]) for s in badge.said if s.words[:2] == head]


def says(badge: LockstepBadge, saying: bytes, after_ms: int = 0) -> None:
    badge.send(f"uart {board.GNSS_UART} {saying.hex()}", after_ms)


def test_the_badge_sets_its_receiver_up_when_an_event_needs_it(badge_files: BadgeFiles) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(2_500)
        says(badge, b"$GPTXT,01,01,02,SW=URANUS5,V5.3.0.0*1D\r\n" + gga("120000.000"))
        badge.run(2_000)
        assert told(badge) == list(commands(L76K))


def test_a_receiver_that_speaks_at_another_rate_is_found(badge_files: BadgeFiles) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(7_000)
        assert ("baud", str(board.GNSS_UART), "115200") in [s.words for s in badge.said]
        says(badge, gga("120000.000"))
        badge.run(1_000)
        says(badge, b"$PQTMVERNO,LC76GABNR02A01S,2022/09/14,11:47:03*3D\r\n")
        badge.run(30_000)
        assert told(badge)[-10:] == list(commands(LC76G))
        assert [s.words[2] for s in badge.said if s.words[0] == "baud"] == ["115200"]


def test_a_line_that_never_stops_leaves_the_others_their_turns() -> None:
    said = run_script(Path(__file__).parent / "gnss_in_vm.py", STAND_INS)
    assert int(said) == 10
