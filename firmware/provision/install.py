"""Puts a firmware into the slot that is not in use, and lets it prove itself (firmware/main.py).

Until the last step, one rename on the badge, nothing that the old firmware needs is touched.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from provision.board import Program, Survey
from provision.errors import BoardError
from provision.link import Link
from provision.release import Release


class Plan(NamedTuple):
    """What makes a slot hold a release. send: by path on the badge, the release's mark last."""

    slot: str
    send: dict[str, bytes]
    remove: tuple[str, ...]
    directories: tuple[str, ...]
    wanted: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes to send."""
        return sum(map(len, self.send.values()))


Progress = Callable[[str, int], None]


def plan(release: Release, slot: str, present: dict[str, str]) -> Plan:
    """What is missing. present: SHA-256 by path of what the slot and the root hold. Pure."""
    files = {f"/fw/{slot}/{name}": content for name, content in release.files.items()}
    files |= {f"/{name}": content for name, content in release.starters.items()}
    wanted = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return Plan(
        slot,
        {path: files[path] for path in files if present.get(path) != wanted[path]},
        tuple(sorted(path for path in present if path not in wanted)),
        tuple(sorted({parent for path in files for parent in _parents(path)})),
        wanted,
    )


def plan_for(link: Link, release: Release, found: Survey) -> Plan:
    """What is missing on this board: nothing, when the firmware in use is this one."""
    if found.good:
        kept = plan(release, found.good, _present(link, found.good))
        if not kept.send and found.slot == found.good:
            return kept
    slot = "b" if found.good == "a" else "a"
    return plan(release, slot, _present(link, slot))


def on_trial(found: Survey, program: Program) -> bool:
    """Whether there is a firmware to come back to, and the new one can say that it has started.

    A badge cannot before it has keys.
    """
    return bool(found.good) and (program is Program.DONGLE or found.number is not None)


def install(link: Link, found: Survey, todo: Plan, progress: Progress, *, trial: bool) -> None:
    """Sends what is missing, checks it all by hash, and switches.

    trial: the old firmware comes back unless the new one says that it has started.
    progress: called with the path and the bytes of each piece that was sent. Raises
    FlashFullError, LinkError, or BoardError when the flash does not keep what it was given.
    """
    if found.good and found.slot != found.good:
        _switch(link, found.good)  # a trial of the slot that is written now is off
    link.run("prepare", todo.directories, todo.remove)
    starters = [path for path in todo.send if path.count("/") == 1]
    for path, content in todo.send.items():
        target = f"{path}.new" if path in starters else path
        link.write(target, content, partial(progress, path))
    _verify(link, todo, starters)
    for path in starters:
        link.run("replace", path)
    _switch(link, found.good + todo.slot if trial else todo.slot)


def _present(link: Link, slot: str) -> dict[str, str]:
    found: dict[str, str] = link.run("hashes", f"/fw/{slot}", "/boot.py", "/main.py")
    return found


def _verify(link: Link, todo: Plan, starters: list[str]) -> None:
    moved = {path: f"{path}.new" if path in starters else path for path in todo.wanted}
    found = link.run("hashes", f"/fw/{todo.slot}", *(moved[p] for p in moved if p.count("/") == 1))
    for path, digest in todo.wanted.items():
        if found.get(moved[path]) != digest:
            raise BoardError(
                f"{link.port}: {moved[path]} is not on the flash as it was sent; run the same"
                " command again, and if that does not help, the flash is worn out"
            )


def _switch(link: Link, state: str) -> None:
    link.write("/fw/slot.new", state.encode())
    link.run("replace", "/fw/slot")


def _parents(path: str) -> list[str]:
    parts = path.split("/")[1:-1]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
