"""The pages: complete in themselves, well-formed, and true to the figures."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.lockstep.log import Entry
from simulator.plans import load
from simulator.promises import Broken
from simulator.report.comparison import comparison
from simulator.report.figures import Collector, Figures
from simulator.report.page import page
from simulator.report.scenery import Scenery, scenery
from simulator.report.told import Told
from simulator.scenario.story import Story

from .reader import Reader
from .tale import Tale

names = st.text(st.characters(exclude_categories=()), min_size=1, max_size=30) | st.sampled_from(
    ("<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</style><b>", "]]>", "&amp;")
)


def figures_of(
    entries: list[Entry] | tuple[Entry, ...], broken: tuple[Broken, ...] = ()
) -> Figures:
    collector = Collector()
    for entry in entries:
        collector(entry)
    return collector.figures(broken)


@pytest.fixture(scope="module")
def run(story: Story, played: tuple[tuple[Entry, ...], tuple[Broken, ...]]) -> Told:
    figures = figures_of(*played)
    return Told(figures, scenery(figures, load("clinic"), story))


@pytest.fixture(scope="module")
def pages(run: Told) -> dict[str, str]:
    slower = figures_of(Tale().call(10_000).call(200_000, badge=2, wearer="Ben").ended())
    a = run._replace(name="A", label="seed 1")
    b = Told(slower, Scenery(), "B", "by hand", "b")
    return {"one": page(run), "two": comparison(a, b)}


def check(text: str) -> Reader:
    """Whether it is a page that stands on its own."""
    text.encode("utf-8")
    assert not re.search(r"https?:|//[a-z]|\bsrc\s*=|@import|url\((?!#)", text), "not on its own"
    assert not re.search(r"\b(nan|inf|None)\b", text), "a value that is none"
    reader = Reader(text)
    assert len(reader.ids) == len(set(reader.ids)), "an id twice"
    assert all(link[0] == "#" and link[1:] in reader.ids for link in reader.links)
    return reader


@pytest.mark.parametrize("which", ["one", "two"])
def test_a_page_is_well_formed_and_needs_nothing_else(pages: dict[str, str], which: str) -> None:
    reader = check(pages[which])
    assert reader.tags["h1"] == reader.tags["main"] == 1
    assert reader.tags["svg"] > 5
    assert reader.tags["table"] >= reader.tags["figure"] / 2  # numbers for those who see none


def test_every_picture_says_what_it_is(pages: dict[str, str]) -> None:
    for text in pages.values():
        pictures = re.findall(r"<svg[^>]*>", text)
        assert all('aria-label="' in one or 'aria-hidden="true"' in one for one in pictures)


def test_a_supervisor_reads_who_called_where_and_when_somebody_had_it(
    run: Told, pages: dict[str, str]
) -> None:
    words = Reader(pages["one"]).words
    call = next(one for one in run.figures.journeys if one.kind == "sos")
    assert call.answer_ms is not None
    assert "1:00: Asha (Room 2) held the button (call for help)." in words
    assert "took it after" in words
    assert "Ben (Office) held the button" in words  # on a badge without a battery
    assert "its battery was out" in words


def test_hostile_names_are_only_ever_text() -> None:
    _check_hostile(["<script>alert(1)</script>", "\"'><img src=x>", "</style>", "&amp;", "\ud800"])


@given(st.lists(names, min_size=5, max_size=5))
@settings(max_examples=25)
def test_any_names_are_only_ever_text(words: list[str]) -> None:
    _check_hostile(words)


def _check_hostile(words: list[str]) -> None:
    who, by, hub, story, verb = words
    tale = Tale(story, hubs=(hub,)).call(10_000, wearer=who, by=by)
    tale.say(
        20_000, "desk", "shows", alert="1-1", kind="sos", phase="delivered", waits=True,
        warnings=(verb,),
    )  # fmt: skip
    tale.say(5_000, "story", verb, who=hub, to=who, amount=1.0, lasts=9_000)
    tale.say(1_000, "air", "carried", badge=1, hub=hub, sent=5, lost={verb: 2})
    tale.say(2_000, who, "is at", x=1.0, y=2.0, floor=0)
    figures = figures_of(tale.ended(), (Broken(3, 20_000, verb),))
    one = Told(figures, Scenery())
    both = (one._replace(name="A", label=story), one._replace(name="B", label=who, class_="b"))
    for text in (page(one), comparison(*both)):
        reader = Reader(text)
        assert reader.tags["script"] == reader.tags["style"] == 1
        assert "img" not in reader.tags


def test_a_run_in_which_nothing_happened_has_a_page() -> None:
    figures = figures_of(Tale().ended())
    words = check(page(Told(figures, Scenery()))).words
    assert "Nobody called for help." in words
    assert "All 8 promises held." in words


def test_a_broken_promise_is_the_first_thing_one_reads() -> None:
    figures = figures_of(Tale().call(0).ended(), (Broken(1, 5_000, "alert 1-1 went missing"),))
    words = check(page(Told(figures, Scenery()))).words
    assert "Broken: promise 1 (no alert is lost)." in words
    assert "alert 1-1 went missing" in words


def test_what_nobody_checked_is_not_called_kept() -> None:
    collector = Collector()
    for entry in Tale().call(0).ended():
        collector(entry)
    words = check(page(Told(collector.figures(), Scenery()))).words
    assert "Nobody checked the promises of this run." in words
    assert "held" not in words.replace("held the button", "")


def test_a_log_that_ends_early_is_said_to() -> None:
    words = check(page(Told(figures_of(Tale().call(0).entries[:5]), Scenery()))).words
    assert "The log ends before the run does." in words
    assert "All 8 promises held." not in words


def test_differences_of_two_runs_come_in_words_first() -> None:
    quick = figures_of(Tale().call(0).ended())
    lost = Tale().say(0, "Asha", "holds the button", badge=1)
    lost.said(1_500, 1, "sos", "raised")
    slow = figures_of(lost.ended(), (Broken(1, 9, "gone"),))
    text = comparison(Told(quick, Scenery(), "A", "x"), Told(slow, Scenery(), "B", "y", "b"))
    words = check(text).words
    assert "Promise 1 broken in B only." in words
    assert "Asha, 0:00 (call for help): answered in A, never answered in B." in words


def test_two_equal_runs_are_said_to_be_equal() -> None:
    figures = figures_of(Tale().call(0).ended())
    text = comparison(Told(figures, Scenery(), "A", "x"), Told(figures, Scenery(), "B", "y", "b"))
    assert "differ in nothing that is worth a word" in check(text).words
