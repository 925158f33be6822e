"""Randomness by name: what a draw gives depends on its key and the seed, on nothing before it.

A key is a row of whole numbers and texts, such as `("shadow", "hub-1", 3, 4)`. It is folded
into 64 bits by splitmix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
Generators, OOPSLA 2014; constants of Vigna's version); texts come in as their BLAKE2b
(RFC 7693). All that is arithmetic of whole numbers and the same on every machine; gauss()
also takes a logarithm, whose last bit is the C library's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

Part = int | str
"""One part of a key."""

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
_UNIT = 1.0 / (1 << 53)
_HALF = 1 << 63
_NORMAL = NormalDist()


def scramble(word: int) -> int:
    """Mix 64 bits: the finalizer of splitmix64. 0 <= word < 2**64, and so is the result."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def fold(base: int, number: int) -> int:
    """The 64 bits of a key one whole number longer, -2**63 <= number < 2**63.

    The fast path: numbers below `base` are the stream of splitmix64 that starts there.
    """
    return scramble((base + (number + 1) * GOLDEN) & MASK)


def unit(word: int) -> float:
    """64 bits as a number from 0 up to, never at, 1."""
    return (word >> 11) * _UNIT


def normal(word: int) -> float:
    """64 bits as a draw from the normal distribution with mean 0 and deviation 1."""
    return _NORMAL.inv_cdf(((word >> 11) + 0.5) * _UNIT)


@lru_cache(maxsize=4096)
def _digest(kind: bytes, text: str) -> int:
    hashed = blake2b(text.encode(), digest_size=8, person=kind).digest()
    return int.from_bytes(hashed, "little")


class Draws:
    """Every draw of one seed. Keys that differ in any part give independent draws."""

    __slots__ = ("_root",)

    def __init__(self, seed: int, *key: Part) -> None:
        """key: what all keys of this source begin with."""
        self._root = 0
        self._root = self.word(seed, *key)

    def under(self, *key: Part) -> Draws:
        """The draws below a key: `under("a").uniform(1)` is `uniform("a", 1)`."""
        below = Draws.__new__(Draws)
        below._root = self.word(*key)
        return below

    def word(self, *key: Part) -> int:
        """64 bits; a base for fold() where a key has to be fast."""
        word = self._root
        for part in key:
            if isinstance(part, str):
                word = scramble(word ^ _digest(b"text", part))
            elif -_HALF <= part < _HALF:
                word = scramble((word + (part + 1) * GOLDEN) & MASK)
            else:
                word = scramble(word ^ _digest(b"number", str(part)))
        return word

    def uniform(self, *key: Part) -> float:
        """From 0 up to, never at, 1."""
        return unit(self.word(*key))

    def between(self, low: float, high: float, *key: Part) -> float:
        """From low up to high."""
        return low + (high - low) * unit(self.word(*key))

    def gauss(self, *key: Part) -> float:
        """Normally distributed, mean 0, deviation 1."""
        return normal(self.word(*key))

    def choice(self, options: Sequence[T], *key: Part) -> T:
        """One of the options, each as likely. Raises IndexError when there are none."""
        return options[self.word(*key) * len(options) >> 64]

    def stream(self, *key: Part) -> random.Random:
        """A source of its own, for code that draws as it goes."""
        return random.Random(self.word(*key))  # noqa: S311 - a simulation, no secret
