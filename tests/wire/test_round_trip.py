"""What is sealed opens to what it was, as another AES-CCM sees it too, and nothing else opens."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import given
from hypothesis import strategies as st

from gateway.keys import block_cipher
from wire import WireError
from wire.command import REPLY_BIT, Command, open_command, seal_command
from wire.frame import (
    Fix,
    Report,
    accuracy_code,
    age_code,
    decode_report,
    encode_report,
    from_advertisement,
    to_advertisement,
)
from wire.seal import epoch_of, open_frame, seal_frame, unmask

BlockCipher = Callable[[bytes], bytes]
KEYS = st.binary(min_size=16, max_size=16)
EPOCHS = st.integers(0, 15)
BADGES = st.integers(1, 0xFFFF)
COUNTERS = st.integers(0, 0xFFFFFFFF)
NONCES = st.binary(min_size=13, max_size=13)
LATITUDES = st.integers(-90_000_000, 90_000_000)
LONGITUDES = st.integers(-180_000_000, 180_000_000)
CODES = st.integers(0, 15)
FIXES = st.builds(Fix, LATITUDES, LONGITUDES, CODES, CODES)
REPORTS = st.builds(
    Report,
    kind=st.integers(0, 7),
    phase=st.integers(0, 7),
    event=st.integers(0, 0xFFFF),
    battery=st.none() | st.integers(0, 100),
    charging=st.booleans(),
    fix=st.none() | FIXES,
    covert=st.booleans(),
    drill=st.booleans(),
    moving=st.booleans(),
    fault=st.booleans(),
    minute=st.none() | st.integers(0, 255),
)
ARGUMENTS = {1: 0, 2: 0, 3: 1, 4: 0, 5: 4, 6: 1, 7: 2}


@st.composite
def commands(draw: st.DrawFn) -> Command:
    opcode = draw(st.sampled_from(sorted(ARGUMENTS)))
    length = ARGUMENTS[opcode]
    if draw(st.booleans()):
        opcode, length = opcode | REPLY_BIT, 0
    arguments = draw(st.binary(min_size=length, max_size=length))
    return Command(draw(COUNTERS), draw(st.integers(0, 0xFFFF)), opcode, arguments)


def open_as_a_gateway_does(mask: BlockCipher, seal: BlockCipher, frame: bytes) -> bytes:
    epoch_of(frame)
    return open_frame(seal, frame, *unmask(mask, frame))


@given(report=REPORTS)
def test_a_report_decodes_to_itself_at_the_precision_of_a_frame(report: Report) -> None:
    decoded = decode_report(encode_report(report))
    if report.fix is not None and decoded.fix is not None:
        decoded.fix.latitude_udeg = report.fix.latitude_udeg
        decoded.fix.longitude_udeg = report.fix.longitude_udeg
    assert decoded == report


@given(fix=FIXES)
def test_a_position_is_at_most_half_a_quantum_off(fix: Fix) -> None:
    decoded = decode_report(encode_report(Report(1, 2, 3, fix=fix))).fix
    assert decoded is not None
    for got, sent, right_angles in (
        (decoded.latitude_udeg, fix.latitude_udeg, 1),
        (decoded.longitude_udeg, fix.longitude_udeg, 2),
    ):
        quantum = right_angles * 90_000_000 / 2**23
        # The outermost half quantum has no code of its own; microdegrees are whole.
        clamped = abs(sent) > right_angles * 90_000_000 - quantum / 2
        assert abs(got - sent) <= (quantum if clamped else quantum / 2) + 0.5


@given(head=st.integers(0, 0x77), rest=st.binary(min_size=12, max_size=12))
def test_what_decodes_encodes_to_one_canonical_form(head: int, rest: bytes) -> None:
    plain = bytes([head & 0x77]) + rest
    canonical = encode_report(decode_report(plain))
    assert encode_report(decode_report(canonical)) == canonical
    assert canonical[:3] == plain[:3]


@given(keys=st.tuples(KEYS, KEYS), epoch=EPOCHS, badge=BADGES, counter=COUNTERS, report=REPORTS)
def test_a_frame_opens_to_its_report(
    keys: tuple[bytes, bytes], epoch: int, badge: int, counter: int, report: Report
) -> None:
    mask, seal = map(block_cipher, keys)
    plain = encode_report(report)
    frame = from_advertisement(
        to_advertisement(seal_frame(mask, seal, epoch, badge, counter, plain))
    )
    assert epoch_of(frame) == epoch
    assert unmask(mask, frame) == (badge, counter)
    assert open_frame(seal, frame, badge, counter) == plain


@given(keys=st.tuples(KEYS, KEYS), epoch=EPOCHS, badge=BADGES, counter=COUNTERS, report=REPORTS)
def test_a_frame_is_what_another_aes_ccm_makes_of_it(
    keys: tuple[bytes, bytes], epoch: int, badge: int, counter: int, report: Report
) -> None:
    mask, seal = map(block_cipher, keys)
    plain = encode_report(report)
    frame = seal_frame(mask, seal, epoch, badge, counter, plain)
    speaker = badge.to_bytes(2, "little") + counter.to_bytes(4, "little")
    sealed = AESCCM(keys[1], tag_length=4).encrypt(frame[:1] + speaker + bytes(6), plain, None)
    assert frame[0] == 0x10 | epoch
    assert frame[7:] == sealed
    assert bytes(a ^ b for a, b in zip(frame[1:7], mask(frame[8:24]), strict=False)) == speaker


@given(key=KEYS, epoch=EPOCHS, nonce=NONCES, command=commands())
def test_a_command_opens_to_itself_and_is_what_another_aes_ccm_makes_of_it(
    key: bytes, epoch: int, nonce: bytes, command: Command
) -> None:
    sealed = seal_command(block_cipher(key), epoch, nonce, command)
    assert open_command(block_cipher(key), sealed) == command
    plain = (
        command.counter.to_bytes(4, "little")
        + command.event.to_bytes(2, "little")
        + bytes([command.opcode])
        + command.arguments
    )
    assert sealed[1:14] == nonce
    assert sealed[14:] == AESCCM(key, tag_length=8).encrypt(nonce, plain, sealed[:1])


@given(keys=st.tuples(KEYS, KEYS), badge=BADGES, counter=COUNTERS, bit=st.integers(0, 24 * 8 - 1))
def test_a_frame_with_any_bit_flipped_is_rejected(
    keys: tuple[bytes, bytes], badge: int, counter: int, bit: int
) -> None:
    mask, seal = map(block_cipher, keys)
    frame = bytearray(seal_frame(mask, seal, 3, badge, counter, encode_report(Report(1, 2, 3))))
    frame[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        open_as_a_gateway_does(mask, seal, bytes(frame))


@given(key=KEYS, nonce=NONCES, command=commands(), where=st.integers(0))
def test_a_command_with_any_bit_flipped_is_rejected(
    key: bytes, nonce: bytes, command: Command, where: int
) -> None:
    sealed = bytearray(seal_command(block_cipher(key), 3, nonce, command))
    bit = where % (len(sealed) * 8)
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        open_command(block_cipher(key), bytes(sealed))


@given(age_s=st.floats(0, 200_000))
def test_an_age_code_says_a_limit_that_the_fix_is_younger_than(age_s: float) -> None:
    limits_s = (2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 14400, 43200, 86400)
    code = age_code(age_s)
    assert code == sum(limit_s <= age_s for limit_s in limits_s)
    assert age_code(None) == 15


@given(accuracy_m=st.floats(0, 40_000))
def test_an_accuracy_code_says_a_limit_that_holds(accuracy_m: float) -> None:
    code = accuracy_code(accuracy_m)
    assert code == 15 if accuracy_m > 2**14 else accuracy_m <= 2**code
    assert code == 0 or accuracy_m > 2 ** (code - 1)
    assert accuracy_code(None) == 15
