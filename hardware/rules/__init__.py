"""The rules of the chips, as code: what may be on which pin, each with its source.

check(board) is empty for a board that keeps them all.
"""

from hardware.board import Board
from hardware.rules.buses import BUS_RULES
from hardware.rules.chips import CHIPS
from hardware.rules.levels import LEVEL_RULES
from hardware.rules.pins import PIN_RULES
from hardware.rules.rule import Rule, Violation

__all__ = ["RULES", "Rule", "Violation", "check"]

_CHIP = Rule("chip", "the chip is one that we know", "hardware/rules/chips.py", lambda *_: iter(()))

RULES = (_CHIP, *PIN_RULES, *LEVEL_RULES, *BUS_RULES)


def check(board: Board) -> list[Violation]:
    """What breaks a rule, in the order of the rules."""
    chip = CHIPS.get(board.chip)
    if chip is None:
        return [Violation(board.name, _CHIP, f"{board.chip} is none of {', '.join(CHIPS)}")]
    return [Violation(board.name, rule, what) for rule in RULES for what in rule.find(board, chip)]
