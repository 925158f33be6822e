"""Whatever is put into a page comes out as text."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.report.markup import Markup, join, tag, text

from .reader import Reader

anything = st.text(st.characters(exclude_categories=()))


@given(anything)
def test_any_words_are_seen_as_they_are_and_are_nothing_else(words: str) -> None:
    page = tag("p", words, title=words)
    page.encode("utf-8")
    reader = Reader(page)
    assert reader.tags == {"p": 1}
    seen = "".join(reader.texts)
    assert len(seen) == len(words)
    assert all(a in (b, "\ufffd") for a, b in zip(seen, words, strict=True))
    assert reader.attributes == [("title", seen)]


def test_markup_is_put_in_as_it_is_and_only_markup() -> None:
    assert tag("b", tag("i", "a<b"), "<i>") == "<b><i>a&lt;b</i>&lt;i&gt;</b>"
    assert isinstance(text("x"), Markup)
    assert join(["a", None, [tag("br"), "b"]]) == "a<br>b"


def test_attributes_that_are_not_there_are_left_out() -> None:
    words = tag("p", class_=None, hidden=False, open=True, data_tip="a\"'", x=1.25)
    assert words == '<p open data-tip="a&quot;&#x27;" x="1.2"></p>'
