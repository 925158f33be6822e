"""Rules of nets and pins: nothing floats, nothing fights, nothing is forgotten."""

from collections.abc import Iterator
from itertools import pairwise

from hardware.schematic.circuit import GROUND, Circuit
from hardware.schematic.rules.rule import Design, Rule

DRIVERS = ("source", "output", "bidirectional", "open_drain")
_PULLS = ("R", "L")


def _rails(design: Design) -> frozenset[str]:
    return frozenset({GROUND, *(rail.name for rail in design.board.rails)})


def open_pins(design: Design) -> Iterator[str]:
    """Pins that stay open without a reason."""
    for end, reason in design.circuit.open.items():
        if not reason:
            yield f"{end} is open: join it, or say in symbols.toml why it may be"


def lonely(design: Design) -> Iterator[str]:
    """Nets that join nothing."""
    for net, ends in design.circuit.nets.items():
        if len(ends) == 1:
            yield f"net {net} is on {ends[0]} alone: its name is misspelt, or its other end's"


def floating(design: Design) -> Iterator[str]:
    """Inputs that nobody drives or holds."""
    rails = _rails(design)
    for net, ends in design.circuit.nets.items():
        inputs = [end for end in ends if end.pin.kind == "input"]
        if inputs and net not in rails and not _held(design.circuit, net, rails):
            yield f"{inputs[0]} floats: net {net} has no driver and no resistor to a rail"


def _held(circuit: Circuit, net: str, rails: frozenset[str]) -> bool:
    """Whether something drives the net, or a resistor joins it with a rail or a driven net."""
    if _driven(circuit, net):
        return True
    return any(
        far in rails or _driven(circuit, far)
        for part, far in circuit.two_ended(net)
        if part.reference.rstrip("0123456789") in (*_PULLS, "RT")
    )


def _driven(circuit: Circuit, net: str) -> bool:
    return any(end.pin.kind in DRIVERS for end in circuit.on(net))


def fights(design: Design) -> Iterator[str]:
    """Nets with two drivers that know nothing of each other."""
    for net, ends in design.circuit.nets.items():
        strong = [end for end in ends if end.pin.kind in ("output", "source")]
        for one, other in pairwise(strong):
            if one.reference != other.reference:
                yield f"net {net}: {one} drives against {other}"


def supplied(design: Design) -> Iterator[str]:
    """Supply pins whose rail nobody gives, rails that another part gives than badge.toml says."""
    circuit = design.circuit
    for net, ends in circuit.nets.items():
        wants = [end for end in ends if end.pin.kind == "supply"]
        if wants and not _driven(circuit, net) and not _held(circuit, net, _rails(design)):
            yield f"{wants[0]} has no supply: nothing gives net {net}"
    for rail in design.board.rails:
        givers = {end.reference for end in circuit.on(rail.name)}
        if rail.source not in givers:
            yield f"{rail.source} gives rail {rail.name} in badge.toml, and is not on it here"


RULES = (
    Rule("open", "every pin is joined, or its maker lets it be open", "data sheets", open_pins),
    Rule("lonely", "every net joins two pins at least", "good practice", lonely),
    Rule("floating", "every input is driven or held by a resistor", "good practice", floating),
    Rule("fights", "no two outputs drive one net", "good practice", fights),
    Rule(
        "supplied",
        "every supply pin has a supply, and every rail its source",
        "hardware/boards/badge.toml, [[rails]]",
        supplied,
    ),
)
