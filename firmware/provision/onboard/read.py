"""The text of a file."""

import json  # noqa: F401


def main(path: str) -> str:
    with open(path) as file:
        text: str = file.read()
        return text
