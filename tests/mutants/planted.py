"""A planted bug: a patch of the sources, and in its head what it is and how it is found.

    The desk tells the badge `delivered`, and then commits.

    promise: 2
    story: a-desk-that-dies
    seeds: 4
    mode: cores

    --- a/desk/engine.py
    +++ b/desk/engine.py
    @@ ...

Promise 2 must be seen to be broken by one of the first four seeds of that story. Modes: `cores`,
`disks` (hubs and desk on SQLite) and `vm` (SQLite, and the firmware in its virtual machine).
"""

import re
import shutil
from pathlib import Path
from typing import Literal, NamedTuple, get_args

HERE = Path(__file__).parent
SOURCES = HERE.parents[1]
TREES = ("firmware", "gateway", "desk", "simulator", "hardware")

Mode = Literal["cores", "disks", "vm"]


class Hunk(NamedTuple):
    """What stands in a file, and what shall stand there."""

    path: str
    old: str
    new: str


class Planted(NamedTuple):
    """One planted bug. seeds: of the story, from 0, within which it must be caught."""

    name: str
    bug: str
    promise: int
    story: str
    seeds: int
    mode: Mode
    hunks: tuple[Hunk, ...]

    def plant(self, folder: Path) -> Path:
        """A copy of the sources with the bug in it. Raises ValueError where it does not fit."""
        root = folder / "sources"
        for tree in TREES:
            # With their compiled files, which hold as long as a file's time and size are the same.
            shutil.copytree(SOURCES / tree, root / tree)
        for hunk in self.hunks:
            file = root / hunk.path
            text = file.read_text()
            times = text.count(hunk.old)
            if times != 1:
                raise ValueError(
                    f"{self.name}: {hunk.path} has changed: these lines stand there {times} times"
                    f" instead of once; make the patch anew:\n{hunk.old}"
                )
            file.write_text(text.replace(hunk.old, hunk.new))
        return root


def load() -> tuple[Planted, ...]:
    """All of them, by name."""
    return tuple(_read(path) for path in sorted((HERE / "patches").glob("*.patch")))


def _read(path: Path) -> Planted:
    text = path.read_text()
    bug, _, rest = text.partition("\n\n")
    table, _, diff = rest.partition("\n\n")
    said = dict(line.split(": ", 1) for line in table.splitlines())
    mode = said["mode"]
    assert mode in get_args(Mode), f"{path.name}: mode {mode}: none of {get_args(Mode)}"
    return Planted(
        path.stem,
        " ".join(bug.split()),
        int(said["promise"]),
        said["story"],
        int(said["seeds"]),
        mode,  # type: ignore[arg-type]
        tuple(_hunks(diff)),
    )


def _hunks(diff: str) -> list[Hunk]:
    """Of a unified diff. Line numbers do not matter: the lines around tell the place."""
    hunks = []
    for file in re.split(r"(?m)^--- a/.*\n", diff)[1:]:
        head, _, body = file.partition("\n")
        for lines in re.split(r"(?m)^@@ .*\n", body)[1:]:
            old = "".join(line[1:] for line in lines.splitlines(keepends=True) if line[0] in " -")
            new = "".join(line[1:] for line in lines.splitlines(keepends=True) if line[0] in " +")
            hunks.append(Hunk(head.removeprefix("+++ b/"), old, new))
    return hunks
