"""The lines of the firmware's log, the oldest first."""

import sys


def main(slot: str) -> "list[str]":
    if slot not in sys.path:
        sys.path.insert(0, slot)
    from badge.log import Log

    return list(Log("").lines())
