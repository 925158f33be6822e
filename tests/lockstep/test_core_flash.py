"""The flash of a badge without a VM keeps a record wholly or not at all; the newest counts."""

import os
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.journal import Journal
from simulator.lockstep.core_flash import CoreFlash
from simulator.lockstep.fuse import KilledError

journals = st.builds(
    Journal,
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 7),
    st.integers(0, 7),
    st.booleans(),
)


def reset(flash: CoreFlash) -> Journal:
    """What a start finds."""
    return flash.load()


def test_a_new_flash_has_a_new_journal() -> None:
    assert reset(CoreFlash()) == Journal()


@given(st.lists(journals, min_size=1, max_size=6))
def test_the_latest_record_is_found_by_each_start(saved: list[Journal]) -> None:
    flash = CoreFlash()
    for journal in saved:
        flash.save(journal)
        assert reset(flash) == journal
        assert reset(flash) == journal


@given(st.lists(journals, min_size=1, max_size=6), st.integers(1, 12))
def test_a_cut_at_any_write_leaves_the_record_before_or_after_and_the_next_goes_on(
    saved: list[Journal], writes: int
) -> None:
    flash = CoreFlash()
    flash.cut_at(writes)
    before = Journal()
    for journal in saved:
        try:
            flash.save(journal)
        except KilledError:
            found = reset(flash)
            assert found in (before, journal)
            flash.save(journal)  # by the next life
        assert reset(flash) == journal
        before = journal
    assert flash.writes >= 2 * len(saved)


def test_every_write_can_be_the_one_that_is_cut_and_none_is_once_that_is_called_off() -> None:
    seen = []
    for writes in range(1, 5):
        flash = CoreFlash()
        flash.save(Journal(event=1))
        flash.cut_at(writes)
        with pytest.raises(KilledError):
            deque(map(flash.save, (Journal(event=2), Journal(event=3))))
        seen.append(reset(flash).event)
    assert seen == [1, 2, 2, 3]
    flash = CoreFlash()
    flash.cut_at(2)
    flash.cut_at(0)
    flash.save(Journal(event=9))
    assert reset(flash).event == 9


@given(st.integers(0xFFFFF0, 0xFFFFFF), st.lists(journals, min_size=30, max_size=30))
def test_records_go_on_where_their_numbers_begin_anew(first: int, saved: list[Journal]) -> None:
    flash = CoreFlash()
    flash._sequence = first
    for journal in saved:
        flash.save(journal)
        assert reset(flash) == journal


def test_a_worn_file_system_says_so_and_nvs_keeps_the_journal() -> None:
    flash = CoreFlash()
    flash.save(Journal(event=1))
    flash.set_i32("starts", 1)
    flash.worn = True
    with pytest.raises(OSError, match="worn"):
        flash.save(Journal(event=2))
    flash.set_i32("starts", 2)
    assert (reset(flash).event, flash.get_i32("starts")) == (2, 2)
    flash.worn = False
    flash.save(Journal(event=3))
    assert reset(flash).event == 3


def test_counters_are_kept_one_by_one_and_a_cut_leaves_the_old_number() -> None:
    flash = CoreFlash()
    with pytest.raises(OSError, match="starts"):
        flash.get_i32("starts")
    flash.set_i32("starts", 1)
    flash.commit()
    flash.cut_at(1)
    with pytest.raises(KilledError):
        flash.set_i32("starts", 2)
    assert flash.get_i32("starts") == 1


# -- against badge.store, on a folder -----------------------------------------


class Store(Protocol):
    def load(self) -> Journal: ...

    def save(self, journal: Journal) -> None: ...


class Nvs:
    """The blobs of esp32.NVS."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def get_blob(self, key: str, buffer: bytearray) -> int:
        if key not in self._blobs:
            raise OSError(key)
        buffer[: len(self._blobs[key])] = self._blobs[key]
        return len(self._blobs[key])

    def set_blob(self, key: str, value: bytes) -> None:
        self._blobs[key] = value

    def commit(self) -> None:
        pass


@pytest.fixture(scope="module")
def store_module() -> Iterator[ModuleType]:
    """badge.store under CPython, which has no cryptolib; the journal needs none."""
    with pytest.MonkeyPatch.context() as patch:
        cryptolib = ModuleType("cryptolib")
        cryptolib.aes = None  # type: ignore[attr-defined]
        patch.setitem(sys.modules, "cryptolib", cryptolib)
        from badge import store

        yield store
    sys.modules.pop("badge.store", None)


@given(st.lists(st.none() | st.tuples(journals, st.sampled_from(("0", "1", "copy"))), max_size=8))
def test_it_finds_what_the_badges_own_store_finds_when_a_record_is_lost(
    store_module: ModuleType,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Journal, str] | None],
) -> None:
    folder = tmp_path_factory.mktemp("badge")
    nvs, flash = Nvs(), CoreFlash()
    store: Store = store_module.JournalStore(str(folder), nvs)
    for step in steps:
        if step is None:
            store = store_module.JournalStore(str(folder), nvs)
            assert store.load() == flash.load()
            continue
        journal, lost = step
        store.save(journal)
        flash.save(journal)
        flash._records.pop(lost, None)
        if lost == "copy":
            nvs._blobs.clear()
        elif (Path(folder) / f"journal.{lost}").exists():
            os.unlink(Path(folder) / f"journal.{lost}")
    store = store_module.JournalStore(str(folder), nvs)
    assert store.load() == flash.load()
