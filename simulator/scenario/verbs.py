"""What can happen in a story: the words that may stand after `does`, and what they need."""

from typing import Literal, NamedTuple

from simulator.errors import SimulatorError
from simulator.scenario.story import Step, Story

Actor = Literal["wearer", "hub", "network", "broker", "desk", "supervisor", "attacker", "air"]


class Verb(NamedTuple):
    """who: what does it or suffers it. fault: whether it may be drawn at random as one.

    to, lasts: whether these must be told. amount: what a draw chooses from, least and most;
    means says in words what it is. share: how often it is drawn next to others.
    """

    who: Actor
    means: str
    fault: bool = False
    to: bool = False
    lasts: tuple[int, int] | None = None  # seconds, least and most
    amount: tuple[float, float] | None = None
    share: int = 1


VERBS: dict[str, Verb] = {
    # wearers
    "holds the button": Verb("wearer", "calls for help: holds until it buzzes, and again if not"),
    "presses once": Verb("wearer", "a test of the whole chain"),
    "presses twice": Verb("wearer", "checks in, or out"),
    "presses three times": Verb("wearer", "calls for help"),
    "falls": Verb("wearer", "and lies: man down"),
    "walks to": Verb("wearer", "a place of the plan, at walking speed", to=True),
    # badges
    "has power cut in a write": Verb(
        "wearer", "at the so-manieth write to the flash from now; back after", fault=True,
        lasts=(1, 20), amount=(1, 12), share=4,
    ),
    "loses the battery": Verb("wearer", "it is out for so long", fault=True, lasts=(1, 60)),
    "has a task crash": Verb("wearer", "an exception in the middle of the firmware", fault=True),
    "has memory full": Verb(
        "wearer", "the heap is full but for so many bytes, until the next start", fault=True,
        amount=(2_000, 20_000),
    ),
    "has a worn flash": Verb("wearer", "no file can be written", fault=True, lasts=(10, 300)),
    "has a bouncing button": Verb("wearer", "each press closes it thrice", fault=True,
        lasts=(60, 600)),
    "has a stuck button": Verb("wearer", "it hangs, down", fault=True, lasts=(5, 120)),
    "has a mute receiver": Verb("wearer", "the GNSS receiver says nothing", fault=True,
        lasts=(30, 600)),
    # air
    "is noisy": Verb("air", "so large a share of all packets is lost besides", fault=True,
        lasts=(10, 300), amount=(0.1, 0.9), share=2),
    "tells twice": Verb("air", "so large a share of packets is reported twice", fault=True,
        lasts=(10, 300), amount=(0.1, 1.0)),
    # attacker
    "jams": Verb("attacker", "at a place, with so many dBm", fault=True, to=True, lasts=(10, 120),
        amount=(0, 20)),
    "forges frames": Verb("attacker", "so many a second", fault=True, lasts=(5, 60),
        amount=(1, 20)),
    "replays frames": Verb("attacker", "so many a second", fault=True, lasts=(5, 60),
        amount=(1, 20)),
    "floods connections": Verb("attacker", "to the badge of a wearer", fault=True, to=True,
        lasts=(10, 90), share=2),
    # hubs
    "is killed": Verb("hub", "kill -9 at the so-manieth step from now; started again after",
        fault=True, lasts=(1, 60), amount=(1, 40), share=5),
    "loses power": Verb("hub", "in or around the so-manieth step from now; back after", fault=True,
        lasts=(5, 120), amount=(1, 40), share=5),
    "has a full disk": Verb("hub", "nothing can be committed", fault=True, lasts=(5, 300)),
    "goes deaf": Verb("hub", "the scanner stops without a word; a new scan cures it", fault=True,
        share=2),
    "hangs its adapter": Verb("hub", "deaf until the adapter is reset", fault=True),
    "loses its adapter": Verb("hub", "it is pulled out", fault=True, lasts=(10, 200)),
    "has its clock set": Verb("hub", "by so many hours", fault=True, amount=(-48, 48)),
    # networks of hubs
    "is cut": Verb("network", "of a hub: refused, or as good as half-open", fault=True,
        lasts=(5, 200), share=2),
    "swallows": Verb("network", "of a hub: half-open", fault=True, lasts=(5, 200), share=2),
    "is slow": Verb("network", "of a hub: seconds for a packet", fault=True, lasts=(10, 300)),
    # broker
    "stops": Verb("broker", "and comes back with all that it had", fault=True, lasts=(1, 120),
        share=2),
    "crashes": Verb("broker", "and comes back with what it had saved", fault=True, lasts=(1, 120),
        share=3),
    "is wiped": Verb("broker", "and comes back with nothing", fault=True, lasts=(1, 120), share=3),
    "goes mute": Verb("broker", "takes messages and acknowledges none", fault=True,
        lasts=(5, 60)),
    "sends twice": Verb("broker", "so large a share of messages", fault=True, lasts=(30, 300),
        amount=(0.1, 0.9)),
    # desk and supervisors
    "dies": Verb("desk", "kill -9 at the so-manieth step from now; started again after",
        fault=True, lasts=(1, 120), amount=(1, 30), share=5),
    "has the clock set": Verb("desk", "by so many hours", fault=True, amount=(-48, 48)),
    "sleeps": Verb("supervisor", "does not look at the screen", fault=True, lasts=(60, 600)),
}  # fmt: skip
FAULTS = tuple(name for name, verb in VERBS.items() if verb.fault)


def named(story: Story, actor: Actor) -> tuple[str, ...]:
    """Who can be meant by an actor in this story, where the plan does not matter."""
    if actor == "wearer":
        crowd = tuple(f"wearer-{len(story.wearers) + at}" for at in range(1, story.crowd + 1))
        return tuple(wearer.name for wearer in story.wearers) + crowd
    if actor == "network":
        return (*story.hubs, "desk") if story.hubs else ()
    if actor == "hub":
        return story.hubs
    return (actor,)


def check_step(where: str, story: Story, step: Step) -> None:
    """Whether a step can be done. Raises SimulatorError that begins with where."""
    verb = VERBS.get(step.does)
    if verb is None:
        raise SimulatorError(
            f"{where}.does: {step.does!r} is nothing that can happen; see tocsin-simulator verbs"
        )
    known = named(story, verb.who)
    if known and step.who and step.who not in known:
        raise SimulatorError(f"{where}.who: {step.who!r} is none of: {', '.join(known)}")
    if not step.who and known != (verb.who,):
        raise SimulatorError(f"{where}.who: missing; say who does it")
    if verb.to and not step.to:
        raise SimulatorError(f"{where}.to: missing; {step.does!r} needs it")
    if verb.lasts is not None and not step.lasts:
        raise SimulatorError(f"{where}.lasts: missing; say for how long, such as 30 s")
    if step.at_ms > story.length_ms:
        raise SimulatorError(f"{where}.at: after the end of the story ({story.length})")
