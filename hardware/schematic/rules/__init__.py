"""Electrical rules of our own, beside SKiDL's."""

from hardware.schematic.rules import bill, processor, supply, wiring
from hardware.schematic.rules.rule import Design, Rule, Violation

RULES: tuple[Rule, ...] = (*wiring.RULES, *supply.RULES, *processor.RULES, *bill.RULES)


def check(design: Design) -> list[Violation]:
    """Everything that breaks a rule, in the order of the rules."""
    return [Violation(rule, what) for rule in RULES for what in rule.find(design)]


__all__ = ["RULES", "Design", "Rule", "Violation", "check"]
