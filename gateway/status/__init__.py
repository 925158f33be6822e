"""How the gateway is: gathered, shown in a terminal, and served on this machine."""
