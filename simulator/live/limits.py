"""What of a story cannot be played live, and what is played differently: said before it starts."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from gateway.contract.errors import ContractError
from gateway.contract.topics import check_name
from simulator.errors import SimulatorError
from simulator.live.brokers import KINDS
from simulator.scenario.draw import drawn
from simulator.scenario.story import Step, Story
from simulator.scenario.verbs import VERBS, named
from simulator.world.plan import Plan

#: Badges are processes of their own; a crowd beyond this would only slow each other down.
MOST_BADGES = 12

#: Verbs that a live run leaves out, and why.
CANNOT = {
    "has power cut in a write": "no process can be stopped at one write to its flash",
    "tells twice": "Bluetooth stacks that tell twice are not among the real parts",
    "has a full disk": "the disk is this machine's own",
    "goes mute": "no real broker can be told to acknowledge nothing",
    "sends twice": "no real broker can be told to deliver twice",
}
#: Verbs that a live run plays with a difference.
DIFFERS = {
    "is killed": "kill -9 comes at once, not at a counted step",
    "dies": "kill -9 comes at once, not at a counted step",
    "loses power": "kill -9 at once, with its network gone; no write is torn",
    "loses its adapter": "the adapter stays and hears nothing for that time",
    "is cut": "connections break at once",
}
_LOW_PERCENT = 20
_OF_BROKERS = ("stops", "crashes", "is wiped")


class Fitted(NamedTuple):
    """A story that can be played live, and one sentence for each thing that is not as written."""

    story: Story
    notes: tuple[str, ...]


def fit(story: Story, plan: Plan, seed: int, broker: str) -> Fitted:
    """The story without what cannot be played, and with all that chance adds written out.

    broker: one of brokers.KINDS, or a URL. Raises SimulatorError for a hub that no gateway can be.
    """
    _check_hubs(story.hubs or tuple(plan.hubs), plan)
    crowd = max(0, min(story.crowd, MOST_BADGES - len(story.wearers)))
    full = drawn(replace(story, crowd=crowd), plan, seed)
    kept = tuple(step for step in full.steps if not _why_not(full, step, broker))
    notes = (*_crowd_notes(story, crowd), *_battery_notes(story), *_step_notes(full, broker))
    return Fitted(replace(full, steps=kept), notes)


def _check_hubs(names: tuple[str, ...], plan: Plan) -> None:
    for name in names:
        try:
            check_name("hub", name)
        except ContractError as error:
            raise SimulatorError(f"{plan.name}: {error}; rename it to play it live") from None


def _crowd_notes(story: Story, crowd: int) -> Iterator[str]:
    if crowd < story.crowd:
        yield (
            f"Left out: {story.crowd - crowd} of {story.crowd} badges of the crowd, since each is a"
            " process of its own; tocsin-simulator run plays them all."
        )


def _battery_notes(story: Story) -> Iterator[str]:
    for wearer in story.wearers:
        if wearer.battery < _LOW_PERCENT:
            yield f"Left out: {wearer.name}'s low battery; live badges have full ones."


def _step_notes(story: Story, broker: str) -> Iterator[str]:
    told: set[str] = set()
    for step in story.steps:
        why = _why_not(story, step, broker)
        differs = _difference(step.does, broker)
        if why:
            yield f"Left out at {step.at}: {step.who or VERBS[step.does].who} {step.does}; {why}."
        elif differs and step.does not in told:
            told.add(step.does)
            yield f"Played differently: {step.does}; {differs}."


def _why_not(story: Story, step: Step, broker: str) -> str:
    if VERBS[step.does].who == "wearer" and step.who not in named(story, "wearer"):
        return "that badge is not among those that are played"
    if step.does in _OF_BROKERS and broker not in KINDS:
        return f"the broker at {broker} is not ours to stop"
    return CANNOT.get(step.does, "")


def _difference(does: str, broker: str) -> str:
    if does in ("stops", "crashes") and broker == "amqtt":
        return "the embedded broker keeps nothing, so it comes back empty: the hardest case"
    return DIFFERS.get(does, "")
