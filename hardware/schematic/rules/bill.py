"""Rules of the bill: what is on the sheets is what is bought, each once."""

from collections.abc import Iterator

from hardware.schematic.rules.rule import Design, Rule


def bought(design: Design) -> Iterator[str]:
    """Parts on no line of the bill, and parts of the bill on no sheet."""
    drawn = {ref for ref in design.circuit.parts if not ref.startswith("TP")}
    for reference in sorted(drawn - design.bill.references):
        yield f"{reference} is on sheet {design.circuit.parts[reference].sheet}, and in no line"
    for reference in sorted(design.bill.references - drawn):
        yield f"{reference} is in the bill, and on no sheet"


def valued(design: Design) -> Iterator[str]:
    """Values on the sheets that are not the bill's."""
    for reference, part in design.circuit.parts.items():
        if reference in design.bill.references:
            line = design.bill.part(reference)
            if part.value != (line.value or line.number):
                yield f"{reference} is {part.value}; the bill says {line.value or line.number}"


def padded(design: Design) -> Iterator[str]:
    """Test pads that badge.toml does not name so."""
    wanted = design.board.test_pads
    there = {ref: part.value for ref, part in design.circuit.parts.items() if ref.startswith("TP")}
    for reference in sorted(wanted.keys() | there.keys()):
        if wanted.get(reference) != there.get(reference):
            yield f"{reference} is {there.get(reference)}; badge.toml says {wanted.get(reference)}"


RULES = (
    Rule("bought", "every part is in the bill, and every line on a sheet", "parts.toml", bought),
    Rule("valued", "every value is the bill's", "hardware/parts.toml", valued),
    Rule("padded", "every test pad is on its net", "badge.toml, [test_pads]", padded),
)
