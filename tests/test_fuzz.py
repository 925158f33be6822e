"""Everything from outside, under the inputs that fuzzing found worth keeping, and any others."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.targets import TARGETS

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"
KEPT = sorted(path.relative_to(CORPUS) for path in CORPUS.glob("*/*"))


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_a_corpus(name: str) -> None:
    assert any(path.parts[0] == name for path in KEPT)


@pytest.mark.parametrize("path", KEPT, ids=str)
def test_an_input_that_was_kept_breaks_nothing(path: Path) -> None:
    TARGETS[path.parts[0]]((CORPUS / path).read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@given(told=st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused_and_break_nothing(name: str, told: bytes) -> None:
    TARGETS[name](told)
