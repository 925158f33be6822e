"""From a log to figures."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.log import Entry, read
from simulator.report.figures import Collector, Figures
from simulator.report.journey import MILESTONES, Journey

from .tale import Tale


def figures_of(entries: Iterable[Entry], kept: int = 300) -> Figures:
    collector = Collector(kept)
    for entry in entries:
        collector(entry)
    return collector.figures()


def plain(figures: Figures) -> tuple[object, ...]:
    """Figures as values that can be compared."""
    tally = figures.tally
    times = {
        (group, milestone): tuple(distribution.items())
        for group, by_milestone in tally.since.items()
        for milestone, distribution in by_milestone.items()
    }
    return (
        figures.about, figures.journeys, times, dict(tally.outcomes), figures.vain,
        figures.carried, figures.supply, figures.outages, figures.tracks, figures.entries,
    )  # fmt: skip


def only(entries: Iterable[Entry]) -> Journey:
    (journey,) = figures_of(entries).journeys
    return journey


def test_a_log_that_was_kept_has_the_figures_of_the_run(entries: tuple[Entry, ...]) -> None:
    assert plain(figures_of(read(entry.line()) for entry in entries)) == plain(figures_of(entries))


@given(st.sets(st.integers(0, 3_000), max_size=6))
def test_looking_at_figures_in_between_changes_nothing(
    entries: tuple[Entry, ...], looks: set[int]
) -> None:
    collector = Collector()
    for at, entry in enumerate(entries):
        collector(entry)
        if at in looks:
            collector.figures()
    assert plain(collector.figures()) == plain(figures_of(entries))


def test_the_run_is_told_as_it_was(entries: tuple[Entry, ...]) -> None:
    figures = figures_of(entries)
    assert figures.about.story == "Much at once"
    assert figures.about.complete
    assert figures.about.hubs == ("hub-reception", "hub-corridor", "hub-upstairs")
    assert figures.outages.verbs == {"is killed": 1, "loses the battery": 1}
    assert [journey.kind for journey in figures.journeys[:2]] == ["test", "sos"]
    assert figures.tracks["Asha"][-1][1:] == (22.0, 2.4, 0)


def test_how_long_a_person_took_is_what_the_log_says(entries: tuple[Entry, ...]) -> None:
    held_ms = next(one.at_ms for one in entries if one[1:3] == ("Asha", "holds the button"))
    taken_ms = next(one.at_ms for one in entries if one.what == "acknowledge")
    journey = next(one for one in figures_of(entries).journeys if one.kind == "sos")
    assert journey.answer_ms == taken_ms - held_ms
    assert figures_of(entries).tally.answers.least == taken_ms - held_ms


def test_what_is_lost_on_the_air_adds_up(entries: tuple[Entry, ...]) -> None:
    carried = figures_of(entries).carried
    told = [entry for entry in entries if entry.what == "carried"]
    assert carried.total[0] == sum(int(str(entry.facts["sent"])) for entry in told)
    assert sum(carried.at_hub(hub)[0] for hub in carried.hubs) == carried.total[0]
    assert sum(sum(carried.at_hub(hub)[1].values()) for hub in carried.hubs) == carried.total[1]
    assert carried.total[1] <= carried.total[0]


def test_a_hub_that_was_down_is_an_outage_that_the_desk_saw(entries: tuple[Entry, ...]) -> None:
    outages = figures_of(entries).outages
    down = next(one for one in outages.down if (one.who, one.what) == ("hub-corridor", "down"))
    killed = next(one for one in entries if one[1:3] == ("hub-corridor", "killed"))
    started = [one for one in entries if one[1:3] == ("hub-corridor", "started")]
    assert (down.from_ms, down.until_ms) == (killed.at_ms, started[1].at_ms)
    assert any(one.who == "hub-corridor" for one in outages.seen)


def test_a_press_on_a_badge_without_a_battery_is_told_as_in_vain(
    entries: tuple[Entry, ...],
) -> None:
    (gesture,) = figures_of(entries).vain
    assert (gesture.wearer, gesture.why_not) == ("Ben", "its battery was out")
    assert gesture.times > 1  # who feels nothing, holds again: one call for help


def test_a_call_passes_its_milestones_in_order() -> None:
    journey = only(Tale().call(10_000).ended())
    times = dict(journey.times())
    assert times == {
        "raised": 1_500, "at a hub": 1_700, "at the desk": 1_900, "shown": 2_000,
        "felt delivered": 2_600, "acknowledged": 30_000, "felt acknowledged": 30_100,
        "resolved": 90_000, "felt resolved": 90_300,
    }  # fmt: skip
    assert sum(ms for _, ms in journey.legs()) == times["felt resolved"]
    assert (journey.wearer, journey.by, journey.answer_ms) == ("Asha", "Sam", 30_000)


def test_one_short_is_recognised_before_a_hub_has_it_and_heard_after() -> None:
    tale = Tale().say(0, "Asha", "holds the button", badge=1)
    tale.said(1_500, 1, "sos", "raised")
    tale.said(3_000, 1, "sos", "heard")
    tale.felt(1_500, 1, "recognised", "heard").felt(3_000, 1, "recognised", "heard")
    journey = only(tale.ended())
    assert journey.first["felt recognised"] == 1_500
    assert journey.first["felt heard"] == 3_000


def test_holding_again_and_again_is_one_call_from_the_first_hold_on() -> None:
    tale = Tale()
    for at_ms in (10_000, 16_000, 22_000):
        tale.say(at_ms, "Asha", "holds the button", badge=1)
    tale.said(23_500, 1, "sos", "raised")
    journey = only(tale.ended())
    assert (journey.from_ms, journey.gesture and journey.gesture.times) == (10_000, 3)


def test_a_press_long_before_is_not_part_of_a_call() -> None:
    tale = Tale().say(10_000, "Asha", "holds the button", badge=1)
    tale.say(100_000, "Asha", "holds the button", badge=1)
    tale.said(101_500, 1, "sos", "raised")
    figures = figures_of(tale.ended())
    assert figures.journeys[0].from_ms == 100_000
    assert [gesture.at_ms for gesture in figures.vain] == [10_000]


def test_an_alert_that_nobody_takes_is_not_answered() -> None:
    tale = Tale().say(0, "Asha", "holds the button", badge=1)
    tale.said(1_500, 1, "sos", "raised")
    tale.kept(2_000, "1-1", "sos", "delivered").shown(2_000, "1-1", "sos", "delivered", waits=True)
    figures = figures_of(tale.ended(waiting=("1-1",)))
    assert figures.journeys[0].answer_ms is None
    assert figures.tally.count("calls for a person") == 1
    assert figures.tally.count("answered") == 0
    assert figures.about.waiting == ("1-1",)


def test_a_visit_over_its_time_waits_since_the_desk_rang() -> None:
    tale = Tale().say(0, "Asha", "presses", badge=1, times=2)
    tale.said(1_500, 1, "check_in", "raised")
    tale.kept(2_000, "1-1", "check_in", "delivered")
    tale.shown(2_000, "1-1", "check_in", "delivered", waits=False)
    tale.shown(300_000, "1-1", "check_in", "delivered", waits=True)
    tale.say(320_000, "Sam", "acknowledge", alert="1-1")
    journey = only(tale.ended())
    assert journey.calls_for_help
    assert (journey.asked_ms, journey.answer_ms) == (300_000, 20_000)
    assert dict(journey.times()) == {"acknowledged": 20_000}
    assert journey.group == "Visits over their time"


def test_a_cancelled_fall_calls_nobody() -> None:
    tale = Tale().say(0, "Asha", "falls", badge=1)
    tale.said(20_000, 1, "man_down", "pending")
    tale.said(25_000, 1, "man_down", "cancelled")
    figures = figures_of(tale.ended())
    assert figures.tally.count("calls for a person") == 0
    assert figures.tally.outcomes["Man down", "cancelled"] == 1


def test_of_many_alerts_few_are_told_and_all_are_counted() -> None:
    tale = Tale()
    for event in range(1, 31):
        tale.call(10_000 + 200_000 * event, event=event)
    entries = tale.ended(10_000_000)
    few, all_of_them = figures_of(entries, kept=5), figures_of(entries)
    assert len(few.journeys) <= 5
    assert few.left_out == 30 - len(few.journeys)
    assert few.tally.outcomes == all_of_them.tally.outcomes
    for milestone in MILESTONES:
        one, other = (f.tally.since["Calls for help"][milestone] for f in (few, all_of_them))
        assert list(one.items()) == list(other.items())


def test_what_nobody_answered_is_told_rather_than_what_went_well() -> None:
    tale = Tale()
    tale.say(0, "Ben", "holds the button", badge=2)
    tale.said(1_500, 2, "sos", "raised")
    for event in range(1, 12):
        tale.call(10_000 + 200_000 * event, event=event)
    assert "2-1" in [one.alert for one in figures_of(tale.ended(9_000_000), kept=3).journeys]


def test_each_part_knows_a_phase_from_when_it_learned_it() -> None:
    journey = only(Tale().call(0).ended())
    assert journey.knows["desk"] == [
        (1_900, "delivered"), (30_000, "acknowledged"), (90_000, "resolved"),
    ]  # fmt: skip
    assert journey.knows["hub-a"] == [(1_700, "raised")]
    assert journey.knew("hand", 2_599) == "recognised"
    assert journey.knew("hand", 2_600) == "delivered"


def test_a_verdict_in_the_log_is_taken_over() -> None:
    tale = Tale().call(0)
    tale.say(600_000, "promise", "broken", promise=5, at=1_000, why="silence")
    tale.say(600_000, "promises", "judged")
    assert [one.promise for one in figures_of(tale.ended()).broken or ()] == [5]
    assert figures_of(Tale().ended()).broken is None
    assert figures_of(Tale().say(1, "promises", "judged").ended()).broken == ()
