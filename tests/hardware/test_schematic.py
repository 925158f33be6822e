"""The badge's circuit keeps every rule, and each rule names what breaks it."""

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.board import Board, load_board
from hardware.errors import HardwareError
from hardware.parts import load_parts
from hardware.schematic.circuit import Circuit, Sheet
from hardware.schematic.drawing.diagram import diagram
from hardware.schematic.drawing.sheet import draw, undrawn
from hardware.schematic.rules import RULES, Design, check
from hardware.schematic.sheets import SHEETS, build
from hardware.schematic.symbols import Pin, load
from hardware.schematic.values import value

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
BOARD, BILL = load_board("badge"), load_parts()
CIRCUIT = build(BOARD, BILL)

Change = Callable[[Circuit], None]


def moved(reference: str, pin: str, net: str) -> Change:
    """That pin is on another net."""

    def change(circuit: Circuit) -> None:
        for name, ends in list(circuit.nets.items()):
            mine = [end for end in ends if (end.reference, end.pin.name) == (reference, pin)]
            circuit.nets[name] = [end for end in ends if end not in mine]
            circuit.nets.setdefault(net, []).extend(mine)

    return change


def removed(reference: str) -> Change:
    """The part was forgotten."""

    def change(circuit: Circuit) -> None:
        del circuit.parts[reference]
        for name, ends in circuit.nets.items():
            circuit.nets[name] = [end for end in ends if end.reference != reference]

    return change


def opened(reference: str, pin: str) -> Change:
    """The pin was not joined."""

    def change(circuit: Circuit) -> None:
        for name, ends in circuit.nets.items():
            for end in [e for e in ends if (e.reference, e.pin.name) == (reference, pin)]:
                circuit.nets[name].remove(end)
                circuit.open[end] = circuit.parts[reference].symbol.why_open(end.pin)

    return change


def revalued(reference: str, text: str) -> Change:
    """The part has another value."""

    def change(circuit: Circuit) -> None:
        circuit.parts[reference] = replace(circuit.parts[reference], value=text)

    return change


FAULTS: list[tuple[str, str, Change]] = [
    ("open", "U4.EN (5) is open", opened("U4", "EN")),
    ("open", "U3.CS (2) is open", opened("U3", "CS")),
    ("lonely", "net SUP_LX3 is on U8.LX2 (7) alone", moved("U8", "LX2", "SUP_LX3")),
    ("floating", "U1.EN (45) floats", removed("R1")),
    ("floating", "U5.EN2 (5) floats", removed("R12")),
    ("fights", "net GNSS_TXD: U2.TXD (2) drives against U10.Y (4)", moved("U10", "Y", "GNSS_TXD")),
    ("supplied", "U2.VCC (8) has no supply", moved("U9", "VOUT", "GNSS_VC")),
    ("supplied", "U8 gives rail 3V3 in badge.toml", moved("U8", "VOUT", "3V")),
    ("decoupled", "U4.REG has no capacitor beside it", removed("C14")),
    ("decoupled", "U8.VIN has 1u beside it: 10u by SLVSET3", revalued("C4", "1u")),
    ("decoupled", "U6.BAT has no capacitor beside it", moved("C10", "2", "GND")),
    ("belongs", "C12 shall stand beside U7.VDD", moved("C12", "1", "VSYS")),
    ("bearable", "U1.3V3 bears 3.0 to 3.6 V and is on VSYS", moved("U1", "3V3", "VSYS")),
    ("bearable", "U7.VDD bears 2.5 to 4.5 V and is on VBUS", moved("U7", "VDD", "VBUS")),
    ("charging", "R10 sets 809 mA", revalued("R10", "1k1")),
    ("charging", "R11 lets 732 mA in", revalued("R11", "2k2")),
    ("sensed", "R8 and R9 give 1.38 V of 4.4 V", revalued("R9", "100k")),
    ("sensed", "R8 and R9 give 4.16 V of 5.5 V", revalued("R9", "680k")),
    ("agrees", "U1.IO4 is on MOTOR; badge.toml says BUTTON", moved("U1", "IO4", "MOTOR")),
    (
        "agrees",
        "U1.IO21 is on BUTTON; badge.toml says None",
        lambda c: _joined(c, "IO21", "BUTTON"),
    ),
    ("held", "R15 shall pull GNSS_EN down", moved("R15", "2", "3V3")),
    ("held", "R3 shall pull BUTTON up", removed("R3")),
    ("strapped", "BOOT must be high at reset", moved("R2", "1", "GND")),
    ("delayed", "EN has 1 resistors to 3V3 and 0 capacitors", removed("C1")),
    ("delayed", "R1 and C1 delay reset by 0.1 ms", revalued("C1", "10n")),
    ("bus", "SDA has 2 pull-ups", moved("R5", "2", "SDA")),
    ("bus", "SCL has 0 pull-ups", moved("R5", "2", "SDA")),
    ("bus", "SDA rises in 508 ns", revalued("R4", "10k")),
    ("bus", "R4 is 2200 Ohm", revalued("R4", "2k2")),
    ("bus", "U3, LIS2DW12, is not on SCL", moved("U3", "SCL", "GND")),
    ("attached", "J1.CC2 needs 5.1 kOhm", moved("R7", "1", "CC1")),
    ("attached", "J1.CC1 needs 5.1 kOhm", revalued("R6", "10k")),
    ("bought", "C3 is in the bill, and on no sheet", removed("C3")),
    ("valued", "R24 is 1k0; the bill says 0R", revalued("R24", "1k0")),
    ("padded", "TP3 is None; badge.toml says VBAT", removed("TP3")),
]


def _joined(circuit: Circuit, pin: str, net: str) -> None:
    opened("U1", pin)(circuit)
    end = next(e for e in circuit.open if (e.reference, e.pin.name) == ("U1", pin))
    del circuit.open[end]
    circuit.nets.setdefault(net, []).append(end)


def found(change: Change, board: Board = BOARD) -> list[str]:
    circuit = build(BOARD, BILL)
    change(circuit)
    return [str(violation) for violation in check(Design(circuit, board, BILL))]


def test_the_badge_keeps_every_rule() -> None:
    assert found(lambda _: None) == []


@pytest.mark.parametrize(("rule", "culprit", "change"), FAULTS, ids=[f[1] for f in FAULTS])
def test_a_fault_is_found_by_its_rule_and_named(rule: str, culprit: str, change: Change) -> None:
    assert any(said.startswith(f"{rule}: {culprit}") for said in found(change))


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {rule.name for rule in RULES} == {name for name, _, _ in FAULTS}


def test_no_part_can_be_forgotten() -> None:
    for reference in sorted(ref for ref in CIRCUIT.parts if ref[:2] != "TP"):
        assert f"bought: {reference} is in the bill" in " ".join(found(removed(reference)))


@settings(max_examples=30)
@given(st.sampled_from([pin for pin in CIRCUIT.parts["U1"].symbol.pins if pin.name[:2] == "IO"]))
def test_no_pin_of_the_processor_can_be_on_another_net(pin: Pin) -> None:
    assert "agrees: " in " ".join(found(lambda circuit: _joined(circuit, pin.name, "X")))


def test_a_board_with_other_pins_is_wired_by_its_file() -> None:
    pins = tuple(
        msgspec.structs.replace(pin, gpio=21) if pin.function == "MOTOR" else pin
        for pin in BOARD.pins
    )
    board = msgspec.structs.replace(BOARD, pins=pins)
    circuit = build(board, BILL)
    assert circuit.net_of("U1", "IO21") == "MOTOR"
    assert check(Design(circuit, board, BILL)) == []


@pytest.mark.parametrize("name", SHEETS)
def test_a_drawing_shows_every_part_of_its_sheet(name: str) -> None:
    assert undrawn(CIRCUIT, BOARD, name) == set()
    words = _words(str(draw(CIRCUIT, BOARD, name)))
    here = [ref for ref, part in CIRCUIT.parts.items() if part.sheet == name]
    assert here
    assert [ref for ref in here if not any(ref in said.split() for said in words)] == []


@pytest.mark.parametrize("name", SHEETS)
def test_a_drawing_names_every_net_that_leaves_its_sheet(name: str) -> None:
    words = _words(str(draw(CIRCUIT, BOARD, name)))
    for net, ends in CIRCUIT.nets.items():
        sheets = {CIRCUIT.parts[end.reference].sheet for end in ends}
        if name in sheets and len(sheets) > 1 and net != "GND":
            assert net in words


@pytest.mark.parametrize("name", ["blocks", *SHEETS])
def test_the_drawings_in_the_docs_are_these(name: str) -> None:
    """`python -m hardware.schematic --quick --pictures docs/pictures` draws them anew."""
    made = diagram(CIRCUIT, BILL) if name == "blocks" else draw(CIRCUIT, BOARD, name)
    assert (PICTURES / f"schematic-{name}.svg").read_text(encoding="utf-8") == str(made)


def test_the_block_diagram_s_lines_are_nets() -> None:
    assert "GNSS receiver" in _words(str(diagram(CIRCUIT, BILL)))
    circuit = copy.deepcopy(CIRCUIT)
    moved("U9", "VOUT", "ELSEWHERE")(circuit)
    with pytest.raises(HardwareError, match="block diagram: U9 is not on net GNSS_VCC"):
        diagram(circuit, BILL)


def _words(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter()]


@pytest.mark.parametrize(
    ("text", "number"),
    [("4k7", 4_700), ("0R", 0), ("100n", 100e-9), ("2u2", 2.2e-6), ("36k5", 36_500), ("1M", 1e6)],
)
def test_a_value_is_read_as_people_write_it(text: str, number: float) -> None:
    assert value(text) == pytest.approx(number)


@given(st.text(max_size=8).filter(lambda text: not text[:1].isdigit()))
def test_what_is_no_value_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(HardwareError, match=re.escape(repr(text))) as refused:
        value(text)
    assert "\n" not in str(refused.value)


def test_a_sheet_with_a_pin_or_part_that_is_none_is_refused() -> None:
    sheet = Sheet("test", Circuit(), BILL, load())
    with pytest.raises(HardwareError, match="sheet test: U8 has no pin 'VINN'"):
        sheet.chip("U8", {"VINN": "VSYS"})
    with pytest.raises(HardwareError, match="R99"):
        sheet.between("R99", "A", "B")
    sheet.between("R1", "A", "B")
    with pytest.raises(HardwareError, match="sheet test: R1 is on a sheet already"):
        sheet.between("R1", "A", "B")


@pytest.mark.parametrize(
    ("pins", "error"),
    [('["1 A"]', "number, name and kind"), ('["1 A bus"]', "kind is one of"), ("[1]", "symbols")],
)
def test_a_symbol_that_cannot_be_read_is_named(tmp_path: Path, pins: str, error: str) -> None:
    file = tmp_path / "symbols.toml"
    file.write_text(f'[[symbols]]\nnumber = "X"\nfootprint = ""\npins = {pins}\n')
    with pytest.raises(HardwareError, match=error):
        load(file)


def test_every_symbol_says_where_its_pins_are_from_or_that_it_assumes_them() -> None:
    for symbol in load().values():
        if len(symbol.name) > 2:
            assert symbol.source
            assert symbol.kicad or symbol.assumed or symbol.source
