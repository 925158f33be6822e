"""A story as a TOML file: where it plays, who is in it, and what happens when.

    name = "A visit that goes wrong"
    plan = "street"
    length = "40 min"

    [[wearers]]
    name = "Asha"
    at = "lounge 2"

    [[steps]]
    at = "2 min"
    who = "Asha"
    does = "walks to"
    to = "doorstep 12"

What may stand after `does` is in simulator.scenario.verbs.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from gateway.contract.config import parse_config
from gateway.contract.errors import ContractError
from simulator.errors import SimulatorError
from simulator.scenario.duration import milliseconds

_HEARTBEATS_MS = (1_000, 3_600_000)  # RANGES of badge.store, which belongs to MicroPython

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Wearer(_Table, frozen=True):
    """Somebody with a badge. at: the place where the day begins. battery: percent. drill: whether
    the badge says of all that it says that it is a drill."""

    name: Name
    at: Name
    battery: Annotated[float, msgspec.Meta(ge=0, le=100)] = 90.0
    drill: bool = False


class Step(_Table, frozen=True):
    """Something that happens. who: a wearer, a hub, `broker`, `desk`, `supervisor`, `attacker`
    or `air`; to: where or whom; lasts: until it is over by itself; amount: how much of it."""

    at: str
    does: str
    who: str = ""
    to: str = ""
    lasts: str = ""
    amount: Annotated[float, msgspec.Meta(ge=-1_000, le=100_000)] = 0.0

    @property
    def at_ms(self) -> int:
        return milliseconds(self.at)

    @property
    def lasts_ms(self) -> int:
        return milliseconds(self.lasts) if self.lasts else 0


class Contact(_Table, frozen=True):
    """Somebody whom the desk calls. answers: after so long, "" for never."""

    name: Name
    answers: str = "30 s"


class DeskTable(_Table, frozen=True):
    """The desk's rules. watched: whether a supervisor looks at the screen."""

    visit: str = "60 min"
    grace: str = "2 min"
    wait: str = "60 s"
    watched: bool = True
    contacts: tuple[Contact, ...] = (Contact("Sam"), Contact("Kim", "45 s"))


class Chance(_Table, frozen=True):
    """What happens besides, at random. presses: an hour and wearer; faults: an hour in all.

    kinds: verbs of faults to draw from, all where none is named.
    """

    presses: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    walks: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    faults: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    kinds: tuple[str, ...] = ()


class Story(_Table, frozen=True):
    """A whole story. settle: at its end nothing breaks any more, so that all can come right.

    hubs: of the plan's, all where none is named. crowd: wearers beside those who are named.
    seed: of a run that somebody wants to see again.
    """

    name: Name
    plan: str
    length: str
    about: str = ""
    settle: str = "4 min"
    heartbeat: str = "60 s"
    ambient: bool = True
    hubs: tuple[str, ...] = ()
    wearers: tuple[Wearer, ...] = ()
    crowd: Annotated[int, msgspec.Meta(ge=0, le=5_000)] = 0
    desk: DeskTable = DeskTable()
    chance: Chance = Chance()
    steps: tuple[Step, ...] = ()
    seed: int | None = None

    @property
    def length_ms(self) -> int:
        return milliseconds(self.length)

    @property
    def settle_ms(self) -> int:
        return milliseconds(self.settle)


def shipped() -> dict[str, str]:
    """The stories that come with the simulator: name of the file, without its ending, and text."""
    folder = resources.files("simulator") / "stories"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {
        entry.name.removesuffix(".toml"): entry.read_text()
        for entry in sorted(found, key=lambda entry: entry.name)
    }


def load(name: str) -> Story:
    """A story by its file's path, or the name of one that is shipped.

    Raises SimulatorError with one line: file, key, what was wrong, what to do.
    """
    known = shipped()
    if name in known:
        return parse(name, known[name])
    path = Path(name)
    if not path.suffix and not path.exists():
        raise SimulatorError(f"no story is called {name!r}; there are: {', '.join(known)}")
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise SimulatorError(f"{path}: {reason}; name a story's TOML file") from None
    return parse(str(path), text)


def parse(file: str, text: str) -> Story:
    """The TOML text as a story; file names it in errors. Raises SimulatorError."""
    try:
        story = parse_config(Path(file), text, Story)
    except ContractError as error:
        raise SimulatorError(str(error)) from None
    check(file, story)
    return story


def check(file: str, story: Story) -> None:
    """Whether its times can be read, and its steps are known. Raises SimulatorError."""
    from simulator.scenario.verbs import check_step  # noqa: PLC0415 - which needs Step

    _check_times(file, story)
    _check_names(file, story)
    _check_kinds(file, story.chance.kinds)
    for at, step in enumerate(story.steps):
        _time(file, f"$.steps[{at}].at", step.at)
        if step.lasts:
            _time(file, f"$.steps[{at}].lasts", step.lasts)
        check_step(f"{file}: $.steps[{at}]", story, step)


def _check_times(file: str, story: Story) -> None:
    for key in ("length", "settle", "heartbeat"):
        _time(file, f"$.{key}", getattr(story, key))
    if story.settle_ms >= story.length_ms:
        raise SimulatorError(f"{file}: $.settle: must be shorter than $.length")
    if not _HEARTBEATS_MS[0] <= milliseconds(story.heartbeat) <= _HEARTBEATS_MS[1]:
        raise SimulatorError(f"{file}: $.heartbeat: must be from 1 s to 1 h, as badges have it")
    for key in ("visit", "grace", "wait"):
        _time(file, f"$.desk.{key}", getattr(story.desk, key))
    for at, contact in enumerate(story.desk.contacts):
        if contact.answers:
            _time(file, f"$.desk.contacts[{at}].answers", contact.answers)


def _check_names(file: str, story: Story) -> None:
    """Nobody is called like another, or like a part of the system in a log."""
    _once(file, "$.desk.contacts[{}].name", [contact.name for contact in story.desk.contacts])
    _once(file, "$.wearers[{}].name", [wearer.name for wearer in story.wearers])
    _once(file, "$.hubs[{}]", story.hubs)
    taken = {"air", "attacker", "broker", "desk", "promise", "promises", "run", "story"}
    taken |= {"supervisor", *story.hubs}
    taken |= {f"wearer-{len(story.wearers) + at}" for at in range(1, story.crowd + 1)}
    for at, wearer in enumerate(story.wearers):
        if wearer.name in taken or wearer.name.startswith(("badge-", "hub-")):
            key = f"$.wearers[{at}].name"
            raise SimulatorError(f"{file}: {key}: {wearer.name!r} is taken; choose another name")
    if not story.wearers and not story.crowd:
        raise SimulatorError(f"{file}: $.wearers: nobody is in this story; add one, or a crowd")


def _once(file: str, key: str, names: Sequence[str]) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise SimulatorError(f"{file}: {key.format(at)}: {name} is there twice; change one")


def _check_kinds(file: str, kinds: Sequence[str]) -> None:
    from simulator.scenario.verbs import FAULTS  # noqa: PLC0415 - which needs Step

    for at, kind in enumerate(kinds):
        if kind not in FAULTS:
            raise SimulatorError(
                f"{file}: $.chance.kinds[{at}]: {kind!r} is no fault; see tocsin-simulator verbs"
            )


def _time(file: str, key: str, text: str) -> int:
    try:
        return milliseconds(text)
    except SimulatorError as error:
        raise SimulatorError(f"{file}: {key}: {error}") from None


def write(story: Story) -> str:
    """The story as TOML."""
    return msgspec.toml.encode(story).decode()
