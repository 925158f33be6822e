"""The command: a page, or one clear line."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.lockstep.log import Entry
from simulator.report.commands import report
from simulator.report.figures import Collector
from simulator.report.reading import replay

from .conftest import STORY
from .reader import Reader
from .tale import Tale

any_file = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a name lands where only the test looks."""
    monkeypatch.chdir(tmp_path)


def write(path: Path, entries: list[Entry] | tuple[Entry, ...]) -> Path:
    path.write_text("".join(entry.line() + "\n" for entry in entries))
    return path


def error_of(*logs: Path, **options: object) -> str:
    with pytest.raises(SimulatorError) as caught:
        report(list(logs), **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_log_becomes_a_page(
    tmp_path: Path, entries: tuple[Entry, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    (tmp_path / "story.toml").write_text(STORY)
    report([write(tmp_path / "run.jsonl", entries)], story=str(tmp_path / "story.toml"), out=out)
    assert "Much at once" in Reader(out.read_text()).words
    said = capsys.readouterr().out
    assert said.startswith(f"{out}: Much at once: ")
    assert said.count("\n") == 1


def test_a_story_is_played_with_one_seed_or_compared_with_two(tmp_path: Path) -> None:
    story, out = tmp_path / "story.toml", tmp_path / "page.html"
    story.write_text(STORY)
    report(None, story=str(story), seed=[2, 3], out=out, title="Two seeds")
    words = Reader(out.read_text()).words
    assert "A: seed 2" in words
    assert "B: seed 3" in words
    assert words.startswith("Two seeds")


def test_errors_name_the_file_the_line_and_what_to_do(tmp_path: Path) -> None:
    log = write(tmp_path / "run.jsonl", Tale().call(0).ended())
    good = log.read_text().splitlines(keepends=True)
    cases = {
        "".join([*good[:3], "{}\n", *good[3:]]): f"{log}:4: is no line of a run's log; ",
        "".join(good)[:-9]: f"{log}:{len(good)}: is cut off; ",
        "".join([*good, good[1]]): f"{log}:{len(good) + 1}: time goes back here; ",
        "".join(good[1:]): f"{log}:1: a run's log begins with 'began'; ",
        "".join([*good[:2], '[9,"Asha","presses",{"badge":"x"}]\n']):
            f"{log}:3: 'Asha' 'presses' does not say 'badge' as a whole number; ",
        "".join([*good[:2], '[9,"Asha","is at",{"x":NaN,"y":1,"floor":0}]\n']):
            f"{log}:3: 'Asha' 'is at' does not say 'x' as a number; ",
        "": f"{log}: is empty; ",
    }  # fmt: skip
    for text, error in cases.items():
        log.write_text(text)
        assert error_of(log).startswith(error)
    assert error_of(tmp_path / "no.jsonl").startswith(f"{tmp_path / 'no.jsonl'}: No such file")


def test_arguments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    log = write(tmp_path / "run.jsonl", Tale().call(0).ended())
    assert "name a run's log" in error_of()
    assert "3 runs" in error_of(log, log, log, out=tmp_path / "x.html")
    assert "--seed" in error_of(log, seed=[1])
    assert "no story is called" in error_of(log, story="nothing")
    assert "nowhere.toml" in error_of(log, plan="nowhere.toml")
    assert error_of(log, out=tmp_path / "no" / "x.html").startswith("--out ")


@given(st.binary(max_size=400))
@any_file
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(content)
    refused(path)


facts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.data())
@any_file
def test_entries_with_other_facts_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    entries = Tale().call(0).ended()
    at = data.draw(st.integers(0, len(entries) - 1))
    fact = data.draw(st.sampled_from(sorted({name for one in entries for name in one.facts})))
    entries[at] = entries[at]._replace(facts={**entries[at].facts, fact: data.draw(facts)})
    refused(write(tmp_path / "odd.jsonl", entries))


def refused(path: Path) -> None:
    """Read to its end, or refused in one line that names it."""
    collector = Collector()
    refusal = ""
    try:
        replay(path, [collector])
    except SimulatorError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith(str(path))
        assert "\n" not in refusal
    else:
        collector.figures()
