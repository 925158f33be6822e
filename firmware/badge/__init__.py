"""The badge's firmware: pure parts, thin I/O, and `app`, which wires them together."""
