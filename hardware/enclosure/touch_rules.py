"""What must hold of button, guard ring and light. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.enclosure.board import BUTTON
from hardware.enclosure.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hardware.enclosure.layout import Layout


def button_rules(at: Layout) -> Iterator[Finding]:
    """A thumb finds it, a press closes the switch and does not crush it, a table does neither."""
    button = at.case.button
    play = button.tolerance
    yield Finding(
        "button: opening for a thumb", button.hole, "mm", least=19.0, advice="larger button.hole"
    )
    yield Finding(
        "button: membrane below the ring",
        button.ring_height - button.membrane,
        "mm",
        least=button.recess_least,
        advice="larger button.ring_height",
    )
    yield Finding(
        "button: travel to the stop, pressed in the middle",
        button.travel,
        "mm",
        least=button.switch_travel_most + play,
        most=button.switch_travel + button.pad * button.pad_squeeze + play,
        advice="button.travel: the switch must close before, and not be crushed after",
    )
    yield Finding(
        "button: travel of its middle, pressed at the edge",
        button.travel / 2,
        "mm",
        least=button.switch_travel,
        advice="larger button.travel",
    )
    yield Finding(
        f"button: pad above the top of {BUTTON}",
        at.pad_top - at.plunger_bottom,
        "mm",
        most=at.face - at.plunger_bottom - at.case.printer.thinnest,
        advice=f"{BUTTON} is too high for this face: lower it, or raise shell.above_parts",
    )
    yield Finding(
        "button: membrane squeezed by the ring",
        button.squeeze,
        "of it",
        least=at.case.gasket.squeeze_least,
        most=at.case.gasket.squeeze_most,
        advice="button.squeeze",
    )
    yield Finding(
        "button: membrane under the ring, each side",
        (button.membrane_diameter - button.ring_inner) / 2,
        "mm",
        least=0.8,
        advice="larger button.membrane_diameter or smaller button.ring_inner",
    )


def light_rules(at: Layout) -> Iterator[Finding]:
    """The rod goes through the ring, and the ring stands on the face."""
    inner, outer = at.ring_groove
    light = at.case.light
    yield Finding(
        "light: rod outside the ring's opening",
        at.led_radius - light.diameter / 2 - (at.case.button.ring_inner / 2 + at.case.button.flare),
        "mm",
        least=at.case.printer.thinnest,
        advice="the LED must lie further from the button's middle, or less button.flare",
    )
    hole = light.diameter / 2 + at.case.printer.fit
    yield Finding(
        "light: ring's foot beside the rod",
        min(at.led_radius - hole - inner, outer - at.led_radius - hole - at.ring_slope),
        "mm",
        least=at.case.printer.thinnest,
        advice="the LED must lie under the ring: move D3 or change button.membrane_diameter",
    )
    yield Finding(
        "ring: its foot to the edge of the face",
        _to_edge(at, outer),
        "mm",
        least=0.2,
        advice=f"move {BUTTON} and D3 away from the edge",
    )


def _to_edge(at: Layout, radius: float) -> float:
    away = at.inset(at.face) + at.case.shell.bevel
    return (
        min(
            at.switch.x - at.outer.left,
            at.outer.right - at.switch.x,
            at.switch.y - at.outer.bottom,
            at.outer.top - at.switch.y,
        )
        - away
        - radius
    )
