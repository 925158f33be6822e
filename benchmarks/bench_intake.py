"""Frames a second through the gateway's intake, on one core: fresh ones beside bthome-ble."""

import os
from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter
from typing import TypeVar

from benchmarks.bthome_frames import Parsers, presses
from benchmarks.figures import Figure
from gateway.intake import Accepted, Intake
from gateway.keys import block_cipher, mask_key, seal_key
from gateway.registry import BadgeKey, FleetKey, Registry
from wire.frame import KIND_SOS, PHASE_RAISED, Fix, Report, encode_report
from wire.seal import seal_frame

T = TypeVar("T")

_BADGES = 100
_EACH = 200
_STRANGERS = 100_000
_ROUNDS = 5
_NOW_MS = 1_790_000_000_000
_FLEET_KEY = bytes(range(16))
_OTHER_FLEET_KEY = bytes(range(16, 32))


def run() -> list[Figure]:
    """Fresh frames against the peer, then every kind of stranger."""
    ours, peer = _fresh()
    figures = [
        Figure("intake: fresh frames", ours, "frames/s", "bthome-ble, encrypted", peer, ours / peer)
    ]
    for name, reason, frames in _strangers():
        rate = _rejected(reason, frames)
        figures.append(Figure(f"intake: {name}, rejected", rate, "frames/s", None, None, None))
    return figures


def _fresh() -> tuple[float, float]:
    """Both parsers in turn, round by round, so that both meet the same machine."""
    frames, advertisements = _frames(range(1, _BADGES + 1)), presses(_BADGES, _EACH)
    ours, peer = [], []
    for _ in range(_ROUNDS):
        intake, parsers = Intake(_registry()), Parsers()
        ours.append(_rate(_takes(intake), frames))
        peer.append(_rate(parsers.parse, advertisements))
    return median(ours), median(peer)


def _rejected(reason: str, frames: list[bytes]) -> float:
    rates = []
    for _ in range(_ROUNDS):
        intake = Intake(_registry())
        hear = intake.hear
        started = perf_counter()
        for frame in frames:
            hear(_NOW_MS, frame)
        rates.append(len(frames) / (perf_counter() - started))
        # By chance alone, a few strangers name a badge of ours, and fail at its tag.
        assert intake.rejected[reason] >= 0.99 * len(frames), intake.rejected
    return median(rates)


def _takes(intake: Intake) -> Callable[[bytes], bool]:
    return lambda frame: isinstance(intake.hear(_NOW_MS, frame), Accepted)


def _rate(take: Callable[[T], bool], items: list[T]) -> float:
    started = perf_counter()
    taken = sum(map(take, items))
    seconds = perf_counter() - started
    assert taken == len(items), f"{taken} of {len(items)} were taken"
    return len(items) / seconds


def _strangers() -> Iterable[tuple[str, str, list[bytes]]]:
    yield "unknown badges", "badge", _frames(range(1001, 1001 + _STRANGERS // _EACH))
    yield "another fleet", "badge", _frames(range(1, 501), _OTHER_FLEET_KEY)
    yield "noise as long as a frame", "badge", [b"\x10" + os.urandom(23) for _ in range(_STRANGERS)]
    yield "garbage", "length", [os.urandom(size % 23) for size in range(_STRANGERS)]


def _frames(badges: Iterable[int], fleet_key: bytes = _FLEET_KEY) -> list[bytes]:
    """Frames of every badge in turn, each with a fix and a counter of its own."""
    mask = block_cipher(mask_key(fleet_key))
    seals = {badge: block_cipher(seal_key(_badge_key(badge))) for badge in badges}
    frames = []
    for counter in range(1, _EACH + 1):
        fix = Fix(51_500_000 + counter, -120_000, 1, 3)
        plain = encode_report(Report(KIND_SOS, PHASE_RAISED, 1, 80, fix=fix))
        frames += [
            seal_frame(mask, seal, 0, badge, counter, plain) for badge, seal in seals.items()
        ]
    return frames


def _registry() -> Registry:
    badges = (BadgeKey(number, _badge_key(number).hex()) for number in range(1, _BADGES + 1))
    return Registry((FleetKey(0, _FLEET_KEY.hex()),), tuple(badges))


def _badge_key(number: int) -> bytes:
    return number.to_bytes(16, "big")
