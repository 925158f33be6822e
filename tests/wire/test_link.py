"""Messages survive a serial line, damage to it costs what was damaged, and no bytes raise."""

import binascii
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import WireError
from wire.framing import BODY_MAX_LENGTH, FRAME_MAX_LENGTH, Decoder, crc16, encode
from wire.link import Advert, Health, Hello, Message, Receiver, Stop, Write, WriteResult, unpack

OnBothVms = Callable[[list[str]], list[str]]
ROUNDS = 300
KINDS = st.integers(0, 255)
BODIES = st.binary(max_size=BODY_MAX_LENGTH)
U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)
ADDRESSES = st.binary(min_size=6, max_size=6)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Hello, st.integers(0, 255), U16, st.from_regex(r"[ -~]{0,64}", fullmatch=True)),
    st.builds(
        Advert,
        ADDRESSES,
        st.integers(0, 1),
        st.integers(-128, 127),
        U16,
        st.binary(max_size=31),
    ),
    st.builds(Write, ADDRESSES, st.integers(0, 1), U16, st.binary(min_size=1, max_size=64)),
    st.builds(WriteResult, U16, st.integers(0, 255), st.binary(max_size=64)),
    st.builds(Health, U32, U32, U32, U32, U32, U32),
    st.builds(Stop),
)


def in_pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[a:b] for a, b in pairwise(places)]


@given(octets=st.binary())
def test_the_crc_is_the_one_of_the_standard_library(octets: bytes) -> None:
    assert crc16(octets) == binascii.crc_hqx(octets, 0xFFFF)


def test_the_crc_is_ccitt_false() -> None:
    assert crc16(b"123456789") == 0x29B1


@given(kind=KINDS, body=BODIES)
def test_a_frame_costs_five_bytes_and_holds_no_zero_but_its_last(kind: int, body: bytes) -> None:
    frame = encode(kind, body)
    assert len(frame) == len(body) + 5
    assert frame.index(0) == len(frame) - 1


def test_a_body_too_long_for_a_frame_is_refused() -> None:
    with pytest.raises(WireError, match="at most 128"):
        encode(1, bytes(BODY_MAX_LENGTH + 1))


@given(frames=st.lists(st.tuples(KINDS, BODIES)), cuts=st.lists(st.integers(0), max_size=8))
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(
    frames: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    decoder = Decoder()
    stream = b"".join(encode(*frame) for frame in frames)
    assert [f for piece in in_pieces(stream, cuts) for f in decoder.feed(piece)] == frames
    assert decoder.damaged == 0


@given(messages=st.lists(MESSAGES))
def test_messages_come_out_as_they_went_in(messages: list[Message]) -> None:
    receiver = Receiver()
    assert receiver.feed(b"".join(message.frame() for message in messages)) == messages
    assert (receiver.damaged, receiver.unknown) == (0, 0)


@given(chunks=st.lists(st.binary(max_size=400)))
def test_any_bytes_at_all_raise_nothing_and_the_next_whole_frame_gets_through(
    chunks: list[bytes],
) -> None:
    receiver = Receiver()
    for chunk in chunks:
        receiver.feed(chunk)
    hello = Hello(1, 0xFFFF, "after")
    assert receiver.feed(b"\0" + hello.frame())[-1] == hello


@given(before=MESSAGES, after=MESSAGES, where=st.integers(0), flip=st.integers(1, 255))
def test_a_damaged_byte_costs_at_most_two_frames_and_is_counted(
    before: Message, after: Message, where: int, flip: int
) -> None:
    stream = bytearray(before.frame() + after.frame())
    where %= len(before.frame())
    stream[where] ^= flip
    receiver = Receiver()
    found = receiver.feed(bytes(stream))
    # A terminator that was hit joins two frames; a new one splits one.
    assert found == ([] if where == len(before.frame()) - 1 else [after])
    assert 1 <= receiver.damaged <= 2
    assert receiver.feed(after.frame()) == [after]


@given(cut=st.integers(1, 30), message=MESSAGES)
def test_a_stream_joined_in_the_middle_of_a_frame_costs_that_frame(
    cut: int, message: Message
) -> None:
    receiver = Receiver()
    frame = Advert(b"\x40abcde", 1, -60, 3, bytes(31)).frame()
    assert receiver.feed(frame[cut:] + message.frame()) == [message]
    assert receiver.damaged == 1


def test_zeros_between_frames_mean_nothing() -> None:
    receiver = Receiver()
    hello = Hello(1, 2, "x")
    assert receiver.feed(b"\0\0\0" + hello.frame() + b"\0\0") == [hello]
    assert receiver.damaged == 0


@given(length=st.integers(FRAME_MAX_LENGTH + 1, 5000), chunk=st.integers(1, 400))
def test_an_endless_frame_is_one_damaged_frame(length: int, chunk: int) -> None:
    receiver = Receiver()
    for at in range(0, length, chunk):
        receiver.feed(b"\x01" * min(chunk, length - at))
    hello = Hello(1, 2, "x")
    assert receiver.feed(b"\0" + hello.frame()) == [hello]
    assert receiver.damaged == 1


@given(kind=st.integers(7, 255) | st.just(0), body=BODIES)
def test_a_type_that_is_not_known_is_counted_and_ignored(kind: int, body: bytes) -> None:
    receiver = Receiver()
    assert receiver.feed(encode(kind, body)) == []
    assert (receiver.damaged, receiver.unknown) == (0, 1)


@given(kind=st.integers(1, 6), body=BODIES)
def test_any_body_is_a_message_or_counts_as_damage(kind: int, body: bytes) -> None:
    receiver = Receiver()
    messages = receiver.feed(encode(kind, body))
    assert len(messages) + receiver.damaged == 1
    for message in messages:
        assert kind == message.KIND
        assert body.startswith(message.body())


def test_a_later_version_may_append_to_health() -> None:
    health = Health(1, 2, 3, 4, 5, 6)
    assert unpack(Health.KIND, health.body() + b"more") == health


def test_an_age_beyond_its_field_is_told_as_its_highest() -> None:
    told = Advert(b"abcdef", 0, 0, 1 << 30, b"")
    assert Receiver().feed(told.frame()) == [Advert(b"abcdef", 0, 0, 0xFFFF, b"")]


def test_both_vms_say_the_same_of_any_stream(on_both_vms: OnBothVms) -> None:
    rng = random.Random(20_260_809)
    framed = on_both_vms(
        [
            f"framed {kind} {rng.randbytes(length).hex()}"
            for kind, length in (
                (0, 1),
                (1, 3),
                (2, 41),
                (3, 42),
                (4, 32),
                (5, 24),
                (5, 25),
                (9, 1),
            )
            for _ in range(ROUNDS // 10)
        ]
    )
    lines = []
    for _ in range(ROUNDS):
        stream = bytearray(bytes.fromhex("".join(rng.choices(framed, k=4))))
        for _ in range(rng.randrange(3)):
            stream[rng.randrange(len(stream))] = rng.randrange(256)
        cut = rng.randrange(1, len(stream))
        lines.append(f"line {stream[:cut].hex()} {stream[cut:].hex()}")
        lines.append(f"line {rng.randbytes(rng.randrange(1, 300)).hex()}")
    answers = on_both_vms(lines)
    assert any(answer.split()[0] != "0" for answer in answers)
    assert any(len(answer.split()) > 4 for answer in answers)
