"""The USB radio of a hub: scans without pause, relays what it hears, writes on request.

It holds no keys and judges nothing: frames and commands pass through sealed.
"""

VERSION = "0.1.0"
