"""HTML and SVG as text: whatever is put in is escaped, unless it was made here."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
#: What HTML does not allow in a text, and what no file in UTF-8 can hold.
_FORBIDDEN = {
    code: "\ufffd"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
    if code not in (0x09, 0x0A)
}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Content = str | Iterable["Content"] | None


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """An element. In attributes' names `_` stands for `-`, and one at the end is dropped.

    False and None leave an attribute out, True gives it no value; text is escaped.
    """
    words = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{words}>")
    return Markup(f"<{name}{words}>{join(content)}</{name}>")


def join(content: Content) -> Markup:
    """Several pieces of content after each other."""
    if content is None:
        return Markup("")
    if isinstance(content, str):
        return text(content)
    return Markup("".join(join(piece) for piece in content))


def text(words: str) -> Markup:
    """Words, escaped; markup as it is."""
    return words if isinstance(words, Markup) else Markup(escape(words.translate(_FORBIDDEN)))


def _attribute(key: str, value: str | float | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    shown = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
    return f' {name}="{escape(shown.translate(_FORBIDDEN))}"'
