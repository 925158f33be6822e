"""Tables, headings and other plain pieces of a page."""

from collections.abc import Iterable, Sequence

from simulator.report.markup import Content, Markup, tag


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[Content]], numbers: int = 0
) -> Markup:
    """A table that scrolls by itself where it is too wide. numbers: so many columns at the right
    hold figures."""
    first_number = len(head) - numbers

    def cell(name: str, at: int, content: Content, scope: str | None = None) -> Markup:
        return tag(name, content, scope=scope, class_="n" if at >= first_number else None)

    body = [
        tag(
            "tr",
            [
                cell("td" if at else "th", at, it, None if at else "row")
                for at, it in enumerate(row)
            ],
        )
        for row in rows
    ]
    if not body:
        body = [tag("tr", tag("td", "Nothing.", colspan=len(head), class_="quiet"))]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", [cell("th", at, word, "col") for at, word in enumerate(head)])),
            tag("tbody", body),
        ),
        class_="scroll", tabindex=0, role="region", aria_label=caption,
    )  # fmt: skip


def folded(summary: str, *content: Content) -> Markup:
    """Something to open when one wants to see it."""
    return tag("details", tag("summary", summary), content, class_="folded")


def figure(drawn: Markup, says: Content) -> Markup:
    """A picture and what it shows."""
    caption = tag("figcaption", says) if says else None
    return tag("figure", tag("div", drawn, class_="wide"), caption)


def section(name: str, title: str, *content: Content) -> Markup:
    """A part of the page, with a name to link to."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, content, id=name, aria_labelledby=f"{name}-title")


def key(*signs: tuple[str, str]) -> Markup:
    """What colours mean: class and word."""
    return tag(
        "ul",
        [tag("li", tag("span", class_=f"sign {class_}"), word) for class_, word in signs],
        class_="key",
    )
