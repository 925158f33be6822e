"""What each verb of a story does to the real parts; see simulator.scenario.verbs.

As in simulator.lockstep.happenings, a happening that lasts returns what ends it.
"""

from collections.abc import Callable

from simulator.live.brokers import Keeps
from simulator.live.machine import Machine
from simulator.live.stage import LiveStage
from simulator.proxy import Mode
from simulator.scenario.story import Step

End = Callable[[], object] | None
Happening = Callable[[LiveStage, Step], End]

_HOUR_MS = 3_600_000


def happen(stage: LiveStage, step: Step, until_ms: int) -> None:
    """Does it; what lasts is over after its time, or at until_ms at the latest."""
    stage.log.note(
        "story", step.does, who=step.who, to=step.to, amount=step.amount, lasts=step.lasts_ms
    )
    end = HAPPENINGS[step.does](stage, step)
    if end is not None:
        over_ms = stage.agenda.now_ms + step.lasts_ms
        stage.agenda.at(min(over_ms, max(until_ms, stage.agenda.now_ms)), _over, stage, step, end)


def _over(stage: LiveStage, step: Step, end: Callable[[], object]) -> None:
    stage.log.note("story", "is over", what=step.does, who=step.who)
    end()


# -- wearers and badges -----------------------------------------------------


def _hold(stage: LiveStage, step: Step) -> End:
    stage.wearers[step.who].hold()
    return None


def _press(times: int) -> Happening:
    def press(stage: LiveStage, step: Step) -> End:
        stage.wearers[step.who].click(times)
        return None

    return press


def _fall(stage: LiveStage, step: Step) -> End:
    stage.wearers[step.who].fall()
    return None


def _walk(stage: LiveStage, step: Step) -> End:
    return None  # the walk is planned from the start


def _battery(stage: LiveStage, step: Step) -> End:
    badge = stage.badge_of(step.who)
    badge.power(on=False)
    return lambda: badge.power(on=True)


def _tell_badge(line: Callable[[Step], str], after: str = "") -> Happening:
    """Tells a badge's hardware; after: what ends it."""

    def tell(stage: LiveStage, step: Step) -> End:
        badge = stage.badge_of(step.who)
        badge.feel(line(step))
        return (lambda: badge.feel(after)) if after else None

    return tell


def _bounce(stage: LiveStage, step: Step) -> End:
    wearer = stage.wearers[step.who]
    wearer.bounces = True
    return lambda: setattr(wearer, "bounces", False)


def _stick(stage: LiveStage, step: Step) -> End:
    stage.wearers[step.who].stick(step.lasts_ms)
    return None


def _mute(stage: LiveStage, step: Step) -> End:
    receiver = stage.where.receivers[stage.badge_of(step.who).number]
    receiver.broken = True
    return lambda: setattr(receiver, "broken", False)


# -- air and attacker -------------------------------------------------------


def _noise(stage: LiveStage, step: Step) -> End:
    stage.where.field.noise = step.amount
    return lambda: setattr(stage.where.field, "noise", 0.0)


def _jam(stage: LiveStage, step: Step) -> End:
    name = f"{step.at} {step.to}"
    stage.where.radio.jam(name, stage.plan.at(step.to), step.amount)
    stage.where.field.settle()

    def stop() -> None:
        stage.where.radio.stop_jamming(name)
        stage.where.field.settle()

    return stop


def _forge(stage: LiveStage, step: Step) -> End:
    stage.attacker.forge(step.lasts_ms, step.amount)
    return None


def _replay(stage: LiveStage, step: Step) -> End:
    stage.attacker.replay(step.lasts_ms, step.amount)
    return None


def _flood(stage: LiveStage, step: Step) -> End:
    stage.attacker.flood(stage.badge_of(step.to).number, step.lasts_ms)
    return None


# -- hubs and their networks ------------------------------------------------


def _kill(stage: LiveStage, step: Step) -> End:
    hub = stage.hubs[step.who]
    hub.kill()
    return hub.start


def _power(stage: LiveStage, step: Step) -> End:
    hub = stage.hubs[step.who]
    hub.network(Mode.SWALLOW)
    hub.kill(power=True)

    def back() -> None:
        hub.network(Mode.CUT)  # the broker's end of the old connection
        hub.network(Mode.PASS)
        hub.start()

    return back


def _deaf(until: str) -> Happening:
    """until: the remedy that cures it; what lasts is over by itself."""

    def become(stage: LiveStage, step: Step) -> End:
        hub = stage.hubs[step.who]
        hub.grow_deaf(until)
        return hub.hear_again if step.lasts else None

    return become


def _set_clock(stage: LiveStage, step: Step) -> End:
    machine: Machine = stage.hubs.get(step.who, stage.desk)
    machine.move_clock(round(step.amount * _HOUR_MS))
    return None


def _way(mode: Mode) -> Happening:
    def become(stage: LiveStage, step: Step) -> End:
        machine: Machine = stage.hubs.get(step.who, stage.desk)
        machine.network(mode)
        return lambda: machine.network(Mode.PASS)

    return become


# -- broker, desk, supervisor -----------------------------------------------


def _broker(keeps: Keeps) -> Happening:
    def stop(stage: LiveStage, step: Step) -> End:
        stage.stop_broker(keeps)
        return stage.start_broker

    return stop


def _desk_dies(stage: LiveStage, step: Step) -> End:
    stage.desk.kill()
    return stage.desk.start


def _sleep(stage: LiveStage, step: Step) -> End:
    stage.people.awake = False
    return stage.people.wake


HAPPENINGS: dict[str, Happening] = {
    "holds the button": _hold,
    "presses once": _press(1),
    "presses twice": _press(2),
    "presses three times": _press(3),
    "falls": _fall,
    "walks to": _walk,
    "loses the battery": _battery,
    "has a task crash": _tell_badge(lambda _: "crash"),
    "has memory full": _tell_badge(lambda step: f"fill {round(step.amount)}"),
    "has a worn flash": _tell_badge(lambda _: "worn 1", "worn 0"),
    "has a bouncing button": _bounce,
    "has a stuck button": _stick,
    "has a mute receiver": _mute,
    "is noisy": _noise,
    "jams": _jam,
    "forges frames": _forge,
    "replays frames": _replay,
    "floods connections": _flood,
    "is killed": _kill,
    "loses power": _power,
    "goes deaf": _deaf("scan again"),
    "hangs its adapter": _deaf("reset the radio"),
    "loses its adapter": _deaf(""),
    "has its clock set": _set_clock,
    "is cut": _way(Mode.CUT),
    "swallows": _way(Mode.SWALLOW),
    "is slow": _way(Mode.SLOW),
    "stops": _broker("all"),
    "crashes": _broker("saved"),
    "is wiped": _broker("nothing"),
    "dies": _desk_dies,
    "has the clock set": _set_clock,
    "sleeps": _sleep,
}
