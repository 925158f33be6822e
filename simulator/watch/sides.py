"""What stands beside the plan: alerts, promises, parts, and the line above."""

from collections.abc import Sequence

from rich.text import Text

from simulator.promises import ALL, Broken
from simulator.report.words import clock, kind
from simulator.watch.plan_view import BAD, DOWN, FINE, PHASES, hub_sign
from simulator.watch.playback import Playback
from simulator.watch.scene import SMALL, Alert, Machine, Scene

_URGENT = ("delivered", "heard", "raised", "pending", "acknowledged", "resolved", "cancelled")


def headline(scene: Scene, playback: Playback, broken: Sequence[Broken] | None) -> Text:
    """Story, time and speed; at the end, how it went."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(scene.story, "bold")
    text.append(f"  {clock(playback.now_ms)} of {clock(scene.length_ms)}  ")
    text.append("paused" if playback.paused else _speed(playback.speed), "dim")
    if playback.over:
        text.append("  over: ")
        text.append(*_verdict(broken))
    elif not playback.paused and playback.hungry and not playback.complete and playback.speed:
        text.append("  (as fast as this machine can)", "dim")
    return text


def alerts(scene: Scene, rows: int, width: int) -> Text:
    """What waits longest for a person comes first."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("Alerts\n", "bold")
    shown = sorted(scene.alerts.values(), key=lambda one: _urgency(scene, one))
    for one in shown[:rows]:
        text.append_text(_alert(scene, one, width)).append("\n")
    if not shown:
        text.append("none yet\n", "dim")
    if len(shown) > rows:
        text.append(f"and {len(shown) - rows} more\n", "dim")
    return text


def promises(broken: Sequence[Broken] | None) -> Text:
    """A light for each."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("Promises\n", "bold")
    times = {promise.number: 0 for promise in ALL}
    for one in broken or ():
        times[one.promise] += 1
    for promise in ALL:
        count = times[promise.number]
        style = DOWN if broken is None else BAD if count else FINE
        text.append("● ", style)
        text.append(promise.title, BAD if count else "")
        text.append(f" ×{count}\n" if count > 1 else "\n", BAD)  # noqa: RUF001 - a multiplication
    return text


def parts(scene: Scene) -> Text:
    """Hubs, broker and desk: how they are, what was broken, and how the desk sees them."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("Parts\n", "bold")
    for machine in scene.machines.values():
        sign, style = _sign(scene, machine)
        text.append(f"{sign} ", style)
        text.append(machine.name)
        text.append(f" {_state(scene, machine)}", "dim")
        text.append("\n")
    return text


def _alert(scene: Scene, one: Alert, width: int) -> Text:
    style = PHASES.get(one.phase, "")
    until_ms = one.changed_ms if one.over else scene.now_ms
    age = clock(until_ms - one.since_ms)
    words = one.phase + (f" ({one.by})" if one.by else "" if one.at_desk else ", not at the desk")
    text = Text()
    text.append("● ", style)
    text.append(f"{age:>5} ", "dim")
    text.append(f"{scene.name(one.badge)} ", "" if one.over else "bold")
    text.append(f"{kind(one.kind).lower()} " if width > 44 else "", "dim")
    text.append(words, style)
    return text


def _urgency(scene: Scene, one: Alert) -> tuple[int, int]:
    rank = _URGENT.index(one.phase) if one.phase in _URGENT else len(_URGENT)
    calls = one.kind not in SMALL
    waits = calls and one.phase in ("delivered", "heard", "raised", "pending")
    age_ms = one.since_ms if waits else scene.now_ms - one.since_ms
    return (0 if waits else 1 + rank + (0 if calls else 10)), age_ms


def _sign(scene: Scene, machine: Machine) -> tuple[str, str]:
    if machine.name == "broker":
        down = any(who == "broker" for who, _ in scene.faults)
        return "■", BAD if down else FINE
    if machine.name == "desk":
        return "■", (FINE if machine.link else PHASES["heard"]) if machine.up else BAD
    return hub_sign(machine)


def _state(scene: Scene, machine: Machine) -> str:
    words = [] if machine.up else ["down"]
    words += ["deaf"] if machine.deaf else []
    words += ["no broker"] if machine.up and not machine.link else []
    words += [verb for who, verb in scene.faults if who == machine.name and "deaf" not in verb]
    words += [f"desk sees: {machine.seen}"] if machine.seen else []
    return ", ".join(words)


def _speed(speed: float) -> str:
    return f"{speed:g} times as fast" if speed else "as fast as possible"


def _verdict(broken: Sequence[Broken] | None) -> tuple[str, str]:
    if broken is None:
        return "nobody checked the promises", "dim"
    if broken:
        numbers = sorted({one.promise for one in broken})
        return f"promises broken: {', '.join(map(str, numbers))}", BAD
    return f"all {len(ALL)} promises held", FINE
