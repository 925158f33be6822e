"""A message for a broker."""

from typing import NamedTuple


class Post(NamedTuple):
    """What goes to the broker under which topic, QoS 1; retained: for those who come later."""

    topic: str
    payload: bytes
    retained: bool = False
