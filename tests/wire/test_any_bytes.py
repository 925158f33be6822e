"""Any bytes give a result or the one protocol error, and the same on both virtual machines."""

import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from gateway.keys import block_cipher
from wire import WireError
from wire.command import open_command
from wire.frame import Report, decode_report, from_advertisement
from wire.seal import epoch_of, open_frame, seal_frame, unmask

OnBothVms = Callable[[list[str]], list[str]]
CIPHER = block_cipher(bytes(range(16)))
REASONS = {None, "length", "version", "tag", "reserved", "range", "foreign"}
ROUNDS = 400


def refusal(call: Callable[..., object], *arguments: object) -> str | None:
    """Why these bytes are refused; None when they are not. Any other error goes through."""
    try:
        call(*arguments)
    except WireError as error:
        return error.reason
    return None


def open_as_a_gateway_does(frame: bytes) -> Report:
    epoch_of(frame)
    return decode_report(open_frame(CIPHER, frame, *unmask(CIPHER, frame)))


@given(frame=st.binary(max_size=48) | st.binary(min_size=24, max_size=24))
def test_any_frame_opens_or_is_a_wire_error(frame: bytes) -> None:
    assert refusal(open_as_a_gateway_does, frame) in REASONS


@given(plain=st.binary(max_size=20) | st.binary(min_size=13, max_size=13))
def test_any_report_decodes_or_is_a_wire_error(plain: bytes) -> None:
    assert refusal(decode_report, plain) in REASONS


@given(sealed=st.binary(max_size=80))
def test_any_command_opens_or_is_a_wire_error(sealed: bytes) -> None:
    assert refusal(open_command, CIPHER, sealed) in REASONS


@given(advertisement=st.binary(max_size=40))
def test_any_advertisement_carries_a_frame_or_is_a_wire_error(advertisement: bytes) -> None:
    assert refusal(from_advertisement, advertisement) in (None, "foreign")


def test_both_vms_say_the_same_of_any_bytes(on_both_vms: OnBothVms) -> None:
    rng = random.Random(20_260_805)
    lines = []
    for _ in range(ROUNDS):
        lines += [
            f"unframe {rng.randbytes(24).hex()}",
            f"unframe 1{rng.randbytes(24).hex()[1:]}",
            f"unframe {rng.randbytes(rng.randrange(40)).hex() or '-'}",
            f"uncommand {rng.randbytes(rng.randrange(65)).hex() or '-'}",
            f"uncommand 1{rng.randbytes(rng.randrange(1, 65)).hex()[1:]}",
            f"decode {rng.randbytes(13).hex()}",
            f"advertised {rng.randbytes(rng.randrange(40)).hex() or '-'}",
        ]
    answers = on_both_vms(lines)
    reasons = {answer.split()[1] for answer in answers if answer.startswith("WireError")}
    assert reasons == {"length", "version", "tag", "reserved", "foreign"}


def test_both_vms_seal_and_open_alike(on_both_vms: OnBothVms) -> None:
    rng = random.Random(20_260_806)
    arguments = {1: 0, 2: 0, 3: 1, 4: 0, 5: 4, 6: 1, 7: 2, 9: 0}
    lines = []
    for _ in range(ROUNDS):
        opcode = rng.choice(sorted(arguments))
        lines += [
            f"frame {rng.randrange(16)} {rng.randrange(1, 1 << 16)} {rng.randrange(1 << 32)} "
            f"{rng.randbytes(13).hex()}",
            f"command {rng.randrange(16)} {rng.randbytes(13).hex()} {rng.randrange(1 << 32)} "
            f"{rng.randrange(1 << 16)} {opcode} {rng.randbytes(arguments[opcode]).hex() or '-'}",
            f"encode {rng.randrange(9)} {rng.randrange(8)} {rng.randrange(1 << 16)} "
            f"{rng.randrange(-5, 128)} 1 {rng.randrange(-91_000_000, 91_000_000)} "
            f"{rng.randrange(-181_000_000, 181_000_000)} 3 4 0 1 0 1 {rng.randrange(256)}",
        ]
    sealed = on_both_vms(lines)
    opened = on_both_vms(
        [
            f"un{line.split()[0]} {answer}"
            for line, answer in zip(lines, sealed, strict=True)
            if line.startswith(("frame", "command")) and not answer.startswith("WireError")
        ]
    )
    assert not [answer for answer in opened if answer in ("WireError tag", "WireError length")]


def test_both_vms_reject_every_single_bit_flip(on_both_vms: OnBothVms) -> None:
    rng = random.Random(20_260_807)
    [frame, command] = on_both_vms(
        [f"frame 3 77 4096 {bytes(13).hex()}", f"command 3 {rng.randbytes(13).hex()} 9 1 3 05"]
    )
    lines = []
    for call, golden in (("unframe", frame), ("uncommand", command)):
        number = int(golden, 16)
        lines += [f"{call} {number ^ 1 << bit:0{len(golden)}x}" for bit in range(len(golden) * 4)]
    assert {answer.split()[0] for answer in on_both_vms(lines)} == {"WireError"}


def test_the_seal_of_a_frame_depends_on_every_part_of_its_nonce() -> None:
    report = bytes(13)
    sealed = {
        seal_frame(CIPHER, CIPHER, epoch, badge, counter, report)[7:]
        for epoch, badge, counter in ((0, 1, 1), (1, 1, 1), (0, 2, 1), (0, 1, 2), (0, 257, 1))
    }
    assert len(sealed) == 5
