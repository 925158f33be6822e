"""The badge as hardware: boards, parts, power and shell, all as data or code.

boards/ and parts.toml are the source of truth; rules checks them, power says how long a cell
lasts, bom what a badge costs. `python -m hardware` shows them.
"""
