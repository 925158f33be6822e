"""SKiDL finds no fault in the circuit, finds those that are made, and writes KiCad's netlist."""

import copy
from pathlib import Path

import pytest

from hardware.board import load_board
from hardware.parts import load_parts
from hardware.schematic.sheets import build
from hardware.schematic.symbols import load

pytestmark = pytest.mark.cad

CIRCUIT = build(load_board("badge"), load_parts())


def test_skidl_finds_nothing_to_complain_of() -> None:
    from hardware.schematic.skidl_netlist import Netlist

    assert Netlist(CIRCUIT, "badge").check() == []


def test_skidl_finds_two_outputs_on_one_net() -> None:
    from hardware.schematic.skidl_netlist import Netlist

    circuit = copy.deepcopy(CIRCUIT)
    circuit.nets["GNSS_TXD"] += circuit.nets.pop("GNSS_RXD_SW")
    assert any("GNSS_TXD" in said and "conflict" in said for said in Netlist(circuit, "x").check())


def test_every_symbol_has_the_pins_of_kicad_s_own() -> None:
    from hardware.schematic.skidl_netlist import Netlist

    made = Netlist(CIRCUIT, "badge")
    assert list(made.compare(iter(load().values()))) == []
    wrong = load()["TPS63900DSKR"]
    swapped = wrong._replace(pins=(wrong.pins[0]._replace(name="SEL"), *wrong.pins[1:]))
    assert list(made.compare(iter([swapped]))) == ["TPS63900DSKR: pin 1 is SEL, KiCad's EN"]


def test_the_netlist_has_every_part_and_net_and_no_place_of_this_machine(tmp_path: Path) -> None:
    from hardware.schematic.skidl_netlist import Netlist

    Netlist(CIRCUIT, "badge").write(tmp_path / "badge.net")
    text = (tmp_path / "badge.net").read_text(encoding="utf-8")
    assert all(f'(ref "{reference}")' in text for reference in CIRCUIT.parts)
    assert all(f'(name "{net}")' in text for net in CIRCUIT.nets)
    assert "skidl_netlist.py" not in text
    assert [file.name for file in tmp_path.iterdir()] == ["badge.net"]
