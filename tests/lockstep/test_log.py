"""A run's log as lines: what was written is read again, and the fingerprint is of that alone."""

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.log import Digest, Entry, Fact, Log, Writer, read

facts = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=8,
    ),
    max_size=5,
)
entries = st.builds(Entry, st.integers(0, 10**9), st.text(), st.text(), facts)


@given(entries)
def test_an_entry_comes_back_from_its_line(entry: Entry) -> None:
    assert read(entry.line()) == entry
    assert "\n" not in entry.line()


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_a_line_is_an_entry_or_a_value_error(line: str) -> None:
    try:
        entry = read(line)
    except ValueError:
        return
    assert read(entry.line()) == entry


@pytest.mark.parametrize("line", ["[" * 100_000, "[1.5, 'a', 'b', {}]", "[1, 2, 3]", "[[]]"])
def test_a_line_of_something_else_is_a_value_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(line)


@given(st.lists(entries, max_size=5))
def test_a_written_log_is_read_to_the_same_fingerprint(told: list[Entry]) -> None:
    digest, again, file = Digest(), Digest(), io.StringIO()
    writer = Writer(file)
    for entry in told:
        digest(entry)
        writer(entry)
    for line in file.getvalue().splitlines():
        again(read(line))
    assert (again.hex(), again.entries) == (digest.hex(), len(told))


@given(st.lists(entries, min_size=1, max_size=5, unique_by=Entry.line), st.data())
def test_one_entry_more_or_in_another_place_is_another_fingerprint(
    told: list[Entry], data: st.DataObject
) -> None:
    def fingerprint(entries: list[Entry]) -> str:
        digest = Digest()
        for entry in entries:
            digest(entry)
        return digest.hex()

    other = data.draw(st.permutations(told)) if len(told) > 1 else []
    assert (fingerprint(other) == fingerprint(told)) == (other == told)
    assert fingerprint(told[:-1]) != fingerprint(told)


def test_all_who_listen_are_told_with_the_time_of_the_clock() -> None:
    now_ms = [5]
    log = Log(lambda: now_ms[0])
    one: list[Entry] = []
    other: list[Entry] = []
    log.listen(one.append)
    log.note("hub-1", "kept", badge=1)
    now_ms[0] = 7
    log.listen(other.append)
    log.note("run", "ended")
    told: dict[str, Fact] = {"badge": 1}
    assert one == [Entry(5, "hub-1", "kept", told), Entry(7, "run", "ended", {})]
    assert other == one[1:]


_TELLS = """
from simulator.lockstep.log import Digest, Entry
digest = Digest()
for at in range(50):
    facts = {name: [at, {name: None}] for name in "gateways"}
    digest(Entry(at, "hub-" + str(at % 3), "sees", facts))
print(digest.hex())
"""


def test_the_fingerprint_does_not_depend_on_how_python_hashes() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELLS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1
    assert len(told.pop()) == 33
