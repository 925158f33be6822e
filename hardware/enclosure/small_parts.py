"""What goes between and onto the shells: ring, plunger, membrane, pad, light rod, stopper, clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.enclosure.front_shell import seat
from hardware.enclosure.solid import Solid, disc, profile, slab, turning

if TYPE_CHECKING:
    from hardware.enclosure.layout import Layout
    from hardware.enclosure.outline import Point


def ring(at: Layout) -> Solid:
    """The guard that a thumb finds; glued into the face, it clamps the membrane."""
    button, face, top = at.case.button, at.face, at.ring_top
    inner, outer = at.ring_groove
    opening = button.ring_inner / 2
    outline = [
        (inner, face - button.groove),
        (outer, face - button.groove),
        (outer, face + 0.4),
        (outer - at.ring_slope, top),
        (opening + button.flare, top),
        (opening, top - 2 * button.flare),
        (opening, face + at.membrane_clamped),
        (inner, face + at.membrane_clamped),
    ]
    light = at.case.light.diameter + 2 * at.case.printer.fit
    rod = disc(light, face - 2, top + 1).at(at.led.x - at.switch.x, at.led.y - at.switch.y)
    return (turning(outline) - rod).at(at.switch.x, at.switch.y)


def plunger(at: Layout) -> Solid:
    """A cone that stops on the seat of the face after `travel`; flush with the face at rest."""
    shape = seat(at, at.face + 1, at.front_inner - 2)
    rest = turning(shape).at(z=at.case.button.travel)
    high = disc(at.case.button.hole - 2 * at.case.printer.play, at.plunger_bottom, at.face)
    body = rest & high
    size = at.case.button.pad_diameter + 2 * at.case.printer.fit
    if at.pad_top < at.plunger_bottom:
        body = body + disc(size, at.pad_top, at.plunger_bottom + 0.1)
    elif at.pad_top > at.plunger_bottom:
        body = body - disc(size, at.plunger_bottom - 1, at.pad_top)
    return body.at(at.switch.x, at.switch.y)


def membrane(at: Layout) -> Solid:
    """A silicone disc, drawn as the ring squeezes it."""
    button, face = at.case.button, at.face
    opening = button.ring_inner / 2
    outline = [
        (0, face),
        (button.membrane_diameter / 2, face),
        (button.membrane_diameter / 2, face + at.membrane_clamped),
        (opening, face + at.membrane_clamped),
        (opening - 0.3, face + button.membrane),
        (0, face + button.membrane),
    ]
    return turning(outline).at(at.switch.x, at.switch.y)


def pad(at: Layout) -> Solid:
    """Of the same sheet, between plunger and switch."""
    solid = disc(at.case.button.pad_diameter, at.switch.height, at.pad_top)
    return solid.at(at.switch.x, at.switch.y)


def light_rod(at: Layout) -> Solid:
    """From just above the LED to the top of the ring."""
    low = at.led.height + at.case.light.above_led
    return disc(at.case.light.diameter, low, at.ring_top).at(at.led.x, at.led.y)


def cord(at: Layout) -> Solid:
    """The gasket as it lies in its closed groove."""
    path, width = at.cord_path, at.case.gasket.width * 0.8
    low = at.parting - at.case.gasket.depth
    outside = slab(
        path.width + width, path.depth + width, at.cord_corner + width / 2, low, at.parting
    )
    inside = slab(
        path.width - width, path.depth - width, at.cord_corner - width / 2, low - 1, at.parting + 1
    )
    return (outside - inside).at(*at.middle)


def stopper(at: Layout) -> Solid:
    """For the USB window while nothing is plugged in. Two lips seal, a tail pulls."""
    usb, depth = at.case.usb, at.rim - 0.4
    body = slab(at.window_width - 0.3, at.window_height - 0.3, usb.corner - 0.15, 0, depth)
    for low in (0.6, 2.2):
        wide = 2 * usb.rib
        lip = slab(
            at.window_width + wide, at.window_height + wide, usb.corner + usb.rib, low, low + 0.8
        )
        body = body + lip
    tail = slab(7.0, 2.4, 1.1, depth - 0.1, depth + 5.0)
    return (body + tail).turned("x", 90).at(at.usb.x, at.cavity.bottom - 0.3, at.usb_middle)


def clip(at: Layout) -> Solid:
    """Two legs that hold the tab of the eye, a nose that snaps into it, and a spring."""
    return profile(_clip_outline(at), at.case.clip.width, rounding=0.8).at(at.middle.x)


def _clip_outline(at: Layout) -> list[Point]:
    """In (y, z), from the foot of the front leg over the top to the end of the spring."""
    clip, slot, play = at.case.clip, at.slot, at.case.printer.play
    top_in, top_out = at.tab.top + play, at.tab.top + play + clip.leg + 0.6
    front_in, front_out = at.tab_front + play, at.tab_front + play + clip.leg
    back_in, back_out = at.back - play, at.back - play - clip.leg
    foot = at.outer.top + 1.0
    arm_in = at.back - clip.belt
    arm_out = arm_in - clip.arm
    end = foot - clip.length
    nose = clip.snap + play
    return [
        (foot + 1.2, front_out),
        (top_out, front_out),
        (top_out, arm_out),
        (end + 4.0, arm_out),
        (end, arm_out - 2.4),
        (end - 1.2, arm_out - 0.8),
        (end + 4.0, arm_in + 1.6),
        (end + 8.0, arm_in),
        (top_in - 1.0, arm_in),
        (top_in - 1.0, back_out),
        (foot + 1.2, back_out),
        (foot + 1.2, back_in),
        (slot.bottom + 0.4, back_in),
        (slot.bottom + 0.4 + nose, back_in + nose),
        (slot.top - 0.5, back_in + nose),
        (slot.top - 0.5, back_in),
        (top_in, back_in),
        (top_in, front_in),
        (foot + 1.2, front_in),
    ]
