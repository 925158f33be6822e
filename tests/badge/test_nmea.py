"""The fixes of real receivers' recordings, however they arrive and whatever is damaged."""

import json
import random
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.vm_script import run_script
from tests.badge.conftest import LATITUDE, LONGITUDE, Fix, Receiver, gga, rmc, sentence, unix_ms

HERE = Path(__file__).parent
RECORDINGS = sorted((HERE.parent / "data" / "nmea").glob("*.nmea"))
BY_LINES = HERE / "fixes_by_lines.py"
NO_ALLOCATION = HERE / "no_allocation.py"
recorded = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)


def expected(recording: Path) -> list[Fix]:
    """What gpsd reports for a recording."""
    return [
        Fix(
            round(datetime.fromisoformat(fix["time"]).timestamp() * 1000),
            round(fix["latitude"] * 1_000_000),
            round(fix["longitude"] * 1_000_000),
        )
        for fix in json.loads(recording.with_suffix(".json").read_text())
    ]


def assert_same(fixes: list[Fix], wanted: list[Fix]) -> None:
    assert [fix.unix_ms for fix in fixes] == [fix.unix_ms for fix in wanted]
    for fix, want in zip(fixes, wanted, strict=True):  # 1e-5 degrees are asked for
        assert abs(fix.latitude_udeg - want.latitude_udeg) <= 1
        assert abs(fix.longitude_udeg - want.longitude_udeg) <= 1


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    chunks: list[bytes] = []
    while stream:
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(stream[:size])
        stream = stream[size:]
    return chunks


# -- recordings ---------------------------------------------------------------


@recorded
@settings(deadline=None, max_examples=25)
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_a_recording_gives_its_fixes_in_any_chunking(recording: Path, sizes: list[int]) -> None:
    receiver = Receiver()
    receiver.feed(*cut(recording.read_bytes(), sizes))
    assert_same(receiver.fixes, expected(recording))
    assert receiver.nmea.sentences.damaged == 0


@pytest.mark.parametrize("chunk", [1, 7, 64, 0])
def test_micropython_finds_the_same_fixes(chunk: int) -> None:
    there = run_script(BY_LINES, str(chunk), *RECORDINGS)
    here = subprocess.run(
        [sys.executable, str(BY_LINES), "0", *map(str, RECORDINGS)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert there == here
    times = [int(line.split()[0]) for line in there.splitlines() if len(line.split()) > 4]
    assert times == [fix.unix_ms for recording in RECORDINGS for fix in expected(recording)]


@recorded
@pytest.mark.parametrize("chunk", [1, 96, 256])
def test_nothing_is_allocated_for_a_recording(recording: Path, chunk: int) -> None:
    sentences, fixes, taken = run_script(NO_ALLOCATION, str(chunk), recording).split()
    assert int(sentences) == recording.read_bytes().count(b"$")
    assert int(fixes) == len(expected(recording))
    assert int(taken) == 0


def test_every_number_fits_the_small_integers_of_an_esp32() -> None:
    widest = 0

    def look(frame: FrameType, event: str, _: object) -> object:
        nonlocal widest
        if frame.f_code.co_filename.endswith(("nmea.py", "sentence.py")):
            numbers = [value for value in frame.f_locals.values() if isinstance(value, int)]
            widest = max([widest, *map(abs, numbers)])
            return look
        return None

    receiver = Receiver()
    far = sentence("GPRMC,235959.999,A,8959.99999,S,17959.99999,W,999.999,,311299,,,A")
    tracing = sys.gettrace()
    sys.settrace(look)  # type: ignore[arg-type]
    receiver.nmea._on_fix = lambda nmea: None
    receiver.nmea.feed(RECORDINGS[0].read_bytes()[:256] + far + rmc("000000.000"))
    sys.settrace(tracing)
    assert 2**26 < widest < 2**30


# -- damage -------------------------------------------------------------------


@recorded
@settings(deadline=None)
@given(where=st.integers(0), to=st.binary(min_size=1, max_size=1))
def test_one_damaged_byte_costs_no_fix_but_its_own(recording: Path, where: int, to: bytes) -> None:
    stream = bytearray(recording.read_bytes()[:6000])
    whole = Receiver().feed(bytes(stream))
    # Before the first ZDA nobody knows that this receiver says the whole year.
    first = stream.find(b"\n", stream.find(b"ZDA")) + 1
    at = first + where % (len(stream) - first)
    stream[at : at + 1] = to
    damaged = Receiver().feed(bytes(stream))
    times = (fix.unix_ms for fix in expected(recording))
    assert {fix.unix_ms for fix in damaged} <= {None, *times}
    assert len(damaged) >= len(whole) - 1
    for fix in damaged:
        assert abs(fix.latitude_udeg - whole[0].latitude_udeg) < 100
        assert abs(fix.longitude_udeg - whole[0].longitude_udeg) < 100


def test_a_damaged_rmc_costs_only_its_details() -> None:
    receiver = Receiver()
    bad = rmc("000002.000").replace(b"4739", b"4738")
    fixes = receiver.feed(
        *(rmc("000000.000"), gga("000000.000")),
        *(rmc("000001.000"), gga("000001.000")),
        *(bad, gga("000002.000")),
    )
    assert [fix.unix_ms for fix in fixes] == [unix_ms(2026, 8, 5, 0, 0, s) for s in (0, 1, 2)]
    assert [fix.speed_cm_s for fix in fixes] == [25, 25, -1]
    assert receiver.nmea.sentences.damaged == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"$GNRMC,000001.000,A,4739.7",  # cut, and another begins inside
        b"$GNRMC,000001.000,A,4739.7\r\n",
        b"$GNRMC,000001.000,A,4739.71890,N,12219.58362,W,0.50,,050826,,,A*",
        b"$GNRMC,000001.000,A,4739.71890,N,12219.58362,W,0.50,,050826,,,A*1",
        b"$GNRMC,000001.000,A,4739.71890,N,12219.58362,W,0.50,,050826,,,A*00\r\n",
        b"$GNRMC" + b"," * 500,
        sentence("GNRMC" + "," * 200),
        b"$GNRMC*77\r\n",
        b"$",
        b"$$$$",
        b"$GNRM",
        b"\xff\xfe$GNRMC,\xb5\x62\x00\x80*",
        b"\x00" * 300,
        sentence("GNRMC,000001.000,A,4739.7x890,N,12219.58362,W,0.50,,050826,,,A"),
        sentence("GNRMC,000001.000,A,4739.71890,X,12219.58362,W,0.50,,050826,,,A"),
        sentence("GNRMC,000001.000,A,9000.00009,N,12219.58362,W,0.50,,050826,,,A"),
        sentence("GNRMC,000001.000,A,4739.71890,N,18100.00000,W,0.50,,050826,,,A"),
        sentence("GNRMC,000001.000,A,4760.00001,N,12219.58362,W,0.50,,050826,,,A"),
        sentence("GNRMC,240001.000,A,4739.71890,N,12219.58362,W,0.50,,050826,,,A"),
        sentence("GNRMC,00000x.000,A,4739.71890,N,12219.58362,W,0.50,,050826,,,A"),
    ],
)
def test_the_sentence_after_a_damaged_one_is_read(damage: bytes) -> None:
    receiver = Receiver()
    receiver.feed(rmc("000000.000"), rmc("000000.500"))
    fixes = receiver.feed(damage, rmc("000002.000"))
    assert fixes[-1] == Fix(unix_ms(2026, 8, 5, 0, 0, 2), LATITUDE, LONGITUDE, speed_cm_s=25)
    assert len(fixes) == 1


@given(noise=st.lists(st.binary(max_size=120) | st.sampled_from([b"$GPRMC", b"*", b",", b"$"])))
def test_any_bytes_at_all_are_taken(noise: list[bytes]) -> None:
    receiver = Receiver()
    receiver.feed(*noise)
    receiver.feed(b"".join(noise))
    # Noise may have begun a sentence, which the first one after it ends.
    fixes = receiver.feed(*(rmc(f"{second:06}.000", "060826") for second in range(1, 4)))
    assert fixes[-1].unix_ms in {unix_ms(2026, 8, 6, 0, 0, second) for second in (2, 3)}


def test_both_vms_take_damaged_recordings_alike(tmp_path: Path) -> None:
    rng = random.Random(20_260_808)
    files = []
    for recording in RECORDINGS:
        stream = bytearray(recording.read_bytes()[:30_000])
        for _ in range(len(stream) // 100):
            at = rng.randrange(len(stream))
            stream[at : at + rng.randrange(2)] = rng.randbytes(rng.randrange(3))
        files.append(tmp_path / recording.name)
        files[-1].write_bytes(stream)
    here = subprocess.run(
        [sys.executable, str(BY_LINES), "0", *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert run_script(BY_LINES, "13", *files) == here
