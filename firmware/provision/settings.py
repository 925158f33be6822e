"""A badge's configuration, checked against what its own firmware knows."""

import json
from pathlib import PurePosixPath
from typing import NamedTuple

from provision.errors import BoardError, FilesError
from provision.link import Link

_PATH = PurePosixPath("/config.json")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

_WIDEST = (0, 0x3FFF_FFFF)  # for a number whose range the firmware does not tell

Value = bool | int | str


class Settings(NamedTuple):
    """defaults: of the firmware; chosen: of the badge's file; boards: that the firmware knows.

    ranges: least and most of each number.
    """

    defaults: dict[str, Value]
    chosen: dict[str, Value]
    boards: list[str]
    ranges: dict[str, tuple[int, int]]

    def value(self, key: str) -> Value:
        """What the badge goes by. Raises FilesError for an unknown key."""
        self._check_key(key)
        return self.chosen.get(key, self.defaults[key])

    def parse(self, key: str, text: str) -> Value:
        """A value of the key's type. Raises FilesError naming key and what it takes."""
        self._check_key(key)
        default = self.defaults[key]
        if isinstance(default, bool):
            return self._one_of(key, text.lower(), _WORDS)
        if isinstance(default, int):
            return self._number(key, text)
        if key == "board":
            return self._one_of(key, text, {board: board for board in self.boards})
        return text

    def _number(self, key: str, text: str) -> int:
        low, high = self.ranges.get(key, _WIDEST)
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise FilesError(
                f"{key}: {text!r} is no whole number from {low} to {high}, such as"
                f" {self.defaults[key]}"
            )
        return int(text)

    def _check_key(self, key: str) -> None:
        if key not in self.defaults:
            raise FilesError(
                f"{key}: unknown key; this badge knows {', '.join(sorted(self.defaults))}"
            )

    @staticmethod
    def _one_of(key: str, text: str, words: "dict[str, bool] | dict[str, str]") -> Value:
        if text not in words:
            raise FilesError(f"{key}: {text!r} is none of {', '.join(words)}")
        return words[text]


def load_settings(link: Link, slot: str) -> Settings:
    """From the badge. A damaged file counts as empty, as it does for the badge."""
    defaults, text, boards, ranges = link.run("settings", slot)
    try:
        chosen = json.loads(text)
    except ValueError:
        chosen = {}
    return Settings(defaults, chosen if isinstance(chosen, dict) else {}, boards, ranges)


def save_setting(link: Link, settings: Settings, key: str, value: Value) -> None:
    """Replaces the file at once. Raises BoardError when the badge does not keep it."""
    content = json.dumps({**settings.chosen, key: value}).encode()
    link.write(f"{_PATH}.new", content)
    link.run("replace", str(_PATH))
    if json.loads(link.run("read", str(_PATH))).get(key) != value:
        raise BoardError(f"{link.port}: {_PATH} did not keep {key}; run the same command again")
