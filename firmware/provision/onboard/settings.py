"""The configuration: what the firmware knows, and what the badge's file says."""

import os
import sys


def main(slot: str) -> "list[object]":
    """The firmware's defaults, the file's text, the boards it knows, and what numbers may be."""
    if slot not in sys.path:
        sys.path.insert(0, slot)
    from badge import store

    try:
        with open("/config.json") as file:
            text = file.read()
    except OSError:
        text = "{}"
    boards = [name.rsplit(".", 1)[0] for name in os.listdir(slot + "/badge/boards")]
    ranges = getattr(store, "RANGES", {})  # an older firmware tells none
    return [store.DEFAULTS, text, sorted(name for name in boards if name != "__init__"), ranges]
