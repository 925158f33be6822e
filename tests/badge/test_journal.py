"""The journal record: whole or nothing."""

from hypothesis import given
from hypothesis import strategies as st

from badge.journal import LENGTH, Journal, decode, encode

journals = st.builds(
    Journal,
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 7),
    st.integers(0, 7),
    st.booleans(),
)


@given(journals, st.integers(0, 0xFFFFFF))
def test_a_record_comes_back(journal: Journal, sequence: int) -> None:
    assert decode(encode(journal, sequence)) == (journal, sequence)


@given(journals, st.integers(0, 0xFFFFFF), st.integers(0, LENGTH * 8 - 1))
def test_a_record_with_a_flipped_bit_is_none(journal: Journal, sequence: int, bit: int) -> None:
    record = bytearray(encode(journal, sequence))
    record[bit // 8] ^= 1 << bit % 8
    assert decode(bytes(record)) is None


@given(journals, st.integers(0, 0xFFFFFF), st.integers(0, LENGTH - 1))
def test_a_torn_record_is_none(journal: Journal, sequence: int, length: int) -> None:
    assert decode(encode(journal, sequence)[:length]) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_a_record_or_none(record: bytes) -> None:
    decode(record)
