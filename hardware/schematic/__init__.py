"""The badge's circuit as code: `python -m hardware.schematic`.

sheets/ say what is joined with what, a module each; symbols.toml has the pins of each part, by its
maker's table; rules/ judge the whole against hardware/boards/badge.toml and hardware/parts.toml;
drawing/ draws it. All that is pure Python. The electrical check by SKiDL and the netlist for KiCad
are in skidl_netlist, the only module that knows SKiDL: the extra `hardware`.
"""
