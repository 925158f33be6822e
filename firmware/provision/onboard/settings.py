"""The configuration: what the firmware knows, and what the badge's file says."""

import os
import sys


def main(slot: str) -> "list[object]":
    """The firmware's defaults, the file's text, and the boards that the firmware knows."""
    if slot not in sys.path:
        sys.path.insert(0, slot)
    from badge.store import DEFAULTS

    try:
        with open("/config.json") as file:
            text = file.read()
    except OSError:
        text = "{}"
    boards = [name.rsplit(".", 1)[0] for name in os.listdir(slot + "/badge/boards")]
    return [DEFAULTS, text, sorted(name for name in boards if name != "__init__")]
