"""What each verb of a story does on the stage; see simulator.scenario.verbs.

A happening that lasts returns what ends it.
"""

from collections.abc import Callable

from simulator.lockstep.broker import Broker
from simulator.lockstep.hub import Trouble
from simulator.lockstep.network import Condition
from simulator.lockstep.stage import Stage
from simulator.scenario.story import Step

End = Callable[[], object] | None
Happening = Callable[[Stage, Step], End]

_HOUR_MS = 3_600_000
_AGAIN_MS = 2_000


def happen(stage: Stage, step: Step, until_ms: int) -> None:
    """Does it; what lasts is over after its time, or at until_ms at the latest."""
    stage.log.note(
        "story", step.does, who=step.who, to=step.to, amount=step.amount, lasts=step.lasts_ms
    )
    end = HAPPENINGS[step.does](stage, step)
    if end is not None:
        over_ms = stage.agenda.now_ms + step.lasts_ms
        stage.agenda.at(min(over_ms, max(until_ms, stage.agenda.now_ms)), _over, stage, step, end)


def _over(stage: Stage, step: Step, end: Callable[[], object]) -> None:
    stage.log.note("story", "is over", what=step.does, who=step.who)
    end()


# -- wearers and badges -----------------------------------------------------


def _hold(stage: Stage, step: Step) -> End:
    stage.wearers[step.who].hold()
    return None


def _press(times: int) -> Happening:
    def press(stage: Stage, step: Step) -> End:
        stage.wearers[step.who].click(times)
        return None

    return press


def _fall(stage: Stage, step: Step) -> End:
    stage.wearers[step.who].fall()
    return None


def _walk(stage: Stage, step: Step) -> End:
    return None  # the walk is planned from the start


def _cut(stage: Stage, step: Step) -> End:
    badge = stage.wearers[step.who].badge
    badge.away_ms = step.lasts_ms
    badge.body.cut_at(max(1, round(step.amount)))
    return None


def _battery(stage: Stage, step: Step) -> End:
    badge = stage.wearers[step.who].badge
    badge.power(on=False)
    return lambda: badge.power(on=True)


def _crash(stage: Stage, step: Step) -> End:
    badge = stage.wearers[step.who].badge
    badge.body.crash(stage.agenda.now_ms)
    badge.run()
    return None


def _memory(stage: Stage, step: Step) -> End:
    badge = stage.wearers[step.who].badge
    badge.body.fill_memory(stage.agenda.now_ms, round(step.amount))
    badge.run()
    return None


def _worn(stage: Stage, step: Step) -> End:
    badge = stage.wearers[step.who].badge
    badge.body.wear_out(stage.agenda.now_ms, worn=True)
    return lambda: badge.body.wear_out(stage.agenda.now_ms, worn=False)


def _bounce(stage: Stage, step: Step) -> End:
    wearer = stage.wearers[step.who]
    wearer.bounces = True
    return lambda: setattr(wearer, "bounces", False)


def _stick(stage: Stage, step: Step) -> End:
    stage.wearers[step.who].stick(step.lasts_ms)
    return None


def _mute(stage: Stage, step: Step) -> End:
    receiver = stage.receivers[stage.wearers[step.who].badge.number]
    receiver.broken = True
    return lambda: setattr(receiver, "broken", False)


# -- air and attacker -------------------------------------------------------


def _noise(stage: Stage, step: Step) -> End:
    stage.air.noise = step.amount
    return lambda: setattr(stage.air, "noise", 0.0)


def _twice(stage: Stage, step: Step) -> End:
    stage.air.twice = step.amount
    return lambda: setattr(stage.air, "twice", 0.0)


def _jam(stage: Stage, step: Step) -> End:
    name = f"{step.at} {step.to}"
    stage.radio.jam(name, stage.plan.at(step.to), step.amount)
    return lambda: stage.radio.stop_jamming(name)


def _forge(stage: Stage, step: Step) -> End:
    stage.attacker.forge(step.lasts_ms, step.amount)
    return None


def _replay(stage: Stage, step: Step) -> End:
    stage.attacker.replay(step.lasts_ms, step.amount)
    return None


def _flood(stage: Stage, step: Step) -> End:
    stage.attacker.flood(stage.wearers[step.to].badge, step.lasts_ms)
    return None


# -- hubs and their networks ------------------------------------------------


def _kill(stage: Stage, step: Step) -> End:
    return _hub_dies(stage, step, power=False)


def _power(stage: Stage, step: Step) -> End:
    return _hub_dies(stage, step, power=True)


def _hub_dies(stage: Stage, step: Step, *, power: bool) -> End:
    hub = stage.hubs[step.who]
    hub.away_ms, hub.loses_power, hub.disk.tears = step.lasts_ms, power, power
    hub.fuse.light(max(1, round(step.amount)))
    return None


def _full(stage: Stage, step: Step) -> End:
    hub = stage.hubs[step.who]
    hub.disk.full = True
    return lambda: setattr(hub.disk, "full", False)


def _trouble(trouble: Trouble) -> Happening:
    def get(stage: Stage, step: Step) -> End:
        hub = stage.hubs[step.who]
        hub.trouble(hub.radio.trouble or trouble)
        return (lambda: hub.trouble("")) if step.lasts else None

    return get


def _set_hub_clock(stage: Stage, step: Step) -> End:
    stage.hubs[step.who].offset_ms += round(step.amount * _HOUR_MS)
    return None


def _way(condition: Condition) -> Happening:
    def become(stage: Stage, step: Step) -> End:
        way = stage.ways[step.who]
        way.become(condition)
        return lambda: way.become("whole")

    return become


# -- broker, desk, supervisor -----------------------------------------------


def _broker(keeps: str) -> Happening:
    def stop(stage: Stage, step: Step) -> End:
        broker: Broker = stage.broker
        if not broker.up:
            return None
        broker.stop()
        return lambda: broker.start(keeps=keeps)

    return stop


def _broker_mute(stage: Stage, step: Step) -> End:
    stage.broker.mute = True
    return lambda: setattr(stage.broker, "mute", False)


def _broker_twice(stage: Stage, step: Step) -> End:
    stage.broker.duplicates = step.amount
    return lambda: setattr(stage.broker, "duplicates", 0.0)


def _desk_dies(stage: Stage, step: Step) -> End:
    stage.desk.away_ms = step.lasts_ms
    stage.desk.fuse.light(max(1, round(step.amount)))
    return None


def _set_desk_clock(stage: Stage, step: Step) -> End:
    stage.desk.offset_ms += round(step.amount * _HOUR_MS)
    return None


def _sleep(stage: Stage, step: Step) -> End:
    stage.supervisor.awake = False
    return lambda: stage.supervisor.wake(stage.desk.waiting)


HAPPENINGS: dict[str, Happening] = {
    "holds the button": _hold,
    "presses once": _press(1),
    "presses twice": _press(2),
    "presses three times": _press(3),
    "falls": _fall,
    "walks to": _walk,
    "has power cut in a write": _cut,
    "loses the battery": _battery,
    "has a task crash": _crash,
    "has memory full": _memory,
    "has a worn flash": _worn,
    "has a bouncing button": _bounce,
    "has a stuck button": _stick,
    "has a mute receiver": _mute,
    "is noisy": _noise,
    "tells twice": _twice,
    "jams": _jam,
    "forges frames": _forge,
    "replays frames": _replay,
    "floods connections": _flood,
    "is killed": _kill,
    "loses power": _power,
    "has a full disk": _full,
    "goes deaf": _trouble("deaf"),
    "hangs its adapter": _trouble("stuck"),
    "loses its adapter": _trouble("gone"),
    "has its clock set": _set_hub_clock,
    "is cut": _way("cut"),
    "swallows": _way("swallows"),
    "is slow": _way("slow"),
    "stops": _broker("all"),
    "crashes": _broker("saved"),
    "is wiped": _broker("nothing"),
    "goes mute": _broker_mute,
    "sends twice": _broker_twice,
    "dies": _desk_dies,
    "has the clock set": _set_desk_clock,
    "sleeps": _sleep,
}
