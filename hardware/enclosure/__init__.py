"""The badge's shell as parametric code: `python -m hardware.enclosure`.

What is arithmetic (board, parameters, levels, places, rules, plan) needs nothing but Python; solid
and what builds on it need build123d, the pictures embreex too: the extra `hardware`.

Millimetres everywhere, in the frame of hardware/boards/badge.toml: origin at the lower left corner
of the board as seen from the front, x to the right, y up; z = 0 is the board's front surface and z
grows towards the wearer's thumb.
"""
