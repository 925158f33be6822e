"""Makes what a run needs of a story: fleet, bodies, hubs, desk, each wired to the others."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from desk.core import Setting
from desk.options import EscalationOptions, SilenceOptions, VisitOptions
from desk.options import Step as ChainStep
from gateway.keys import block_cipher, command_key, mask_key, seal_key
from gateway.registry import BadgeKey, FleetKey, Registry
from simulator.badge_files import BadgeFiles
from simulator.fleet import Fleet, make_fleet
from simulator.lockstep.acts import Body
from simulator.lockstep.core_body import CoreBody
from simulator.lockstep.core_life import Keys, Settings
from simulator.lockstep.vm_body import VmBody
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import Story, Wearer
from simulator.world.draws import Draws
from simulator.world.drift import ppm

EPOCH = 0
_MIN = 60_000


def wearers_of(story: Story, places: tuple[str, ...], draws: Draws) -> tuple[Wearer, ...]:
    """Those who are named, and the crowd, each somewhere on the plan."""
    named = story.wearers
    crowd = tuple(
        Wearer(f"wearer-{len(named) + at}", draws.choice(places, "begins", at))
        for at in range(1, story.crowd + 1)
    )
    return named + crowd


def fleet_of(draws: Draws, badges: int) -> tuple[Fleet, Registry]:
    """Keys for so many badges, and what hubs know of them."""
    fleet = make_fleet("sim", badges, draws.stream("fleet"))
    registry = Registry(
        (FleetKey(EPOCH, fleet.fleet_key.hex()),),
        tuple(BadgeKey(number, key.hex()) for number, key in fleet.badges.items()),
    )
    return fleet, registry


def nonces(draws: Draws, *key: int | str) -> Callable[[int], bytes]:
    """Bytes that are never the same, in the same order in each run."""
    base = draws.word("nonce", *key).to_bytes(8, "little")
    count = 0

    def nonce(length: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.blake2b(base, digest_size=length, salt=count.to_bytes(8, "little")).digest()

    return nonce


def make_body(
    story: Story,
    fleet: Fleet,
    number: int,
    draws: Draws,
    folder: Path | None,
    unix_ms: int,
    *,
    drill: bool,
) -> Body:
    """A badge's electronics: the firmware in its VM with its flash in folder, or its core."""
    heartbeat_ms = milliseconds(story.heartbeat)
    drift_ppm = ppm(draws, f"badge-{number}", "awake")
    unix_s = unix_ms // 1_000
    if folder is not None:
        falls = any(step.does == "falls" for step in story.steps)
        files = BadgeFiles(folder / f"badge-{number}")
        files.make(
            number, EPOCH, fleet.fleet_key, fleet.badges[number], heartbeat_ms=heartbeat_ms,
            man_down=falls, drill=drill,
        )  # fmt: skip
        return VmBody(files, unix_s=unix_s, drift_ppm=drift_ppm, feels=falls)
    key = fleet.badges[number]
    keys = Keys(
        number,
        EPOCH,
        block_cipher(mask_key(fleet.fleet_key)),
        block_cipher(seal_key(key)),
        block_cipher(command_key(key)),
    )
    settings = Settings(heartbeat_ms=heartbeat_ms, drill=drill)
    nonce = nonces(draws, "badge", number)
    return CoreBody(keys, settings, unix_s=unix_s, nonce=nonce, drift_ppm=drift_ppm)


def setting_of(story: Story, wearers: tuple[Wearer, ...]) -> Setting:
    """The desk's configuration."""
    table = story.desk
    wait_s = max(1, milliseconds(table.wait) // 1_000)
    steps = tuple(ChainStep((contact.name,), wait_s) for contact in table.contacts)
    heartbeat_s = max(1, milliseconds(story.heartbeat) // 1_000)
    return Setting(
        wearers={number: wearer.name for number, wearer in enumerate(wearers, 1)},
        escalation=EscalationOptions(steps) if steps else None,
        visits=VisitOptions(
            max(1, milliseconds(table.visit) // _MIN), milliseconds(table.grace) // 1_000
        ),
        silence=SilenceOptions(heartbeat_s, max(heartbeat_s, 600)),
    )
