"""The cases that an earlier run left on disk. Pure."""

import msgspec
from msgspec.structs import replace

from gateway.alarm.case import Case, concerns, sight
from gateway.contract.errors import ContractError
from gateway.contract.messages import Report, decode, unix_ms
from gateway.steps import Await, Restored


def cases(restored: Restored) -> tuple[Case, ...]:
    """What was in view, and what still awaits the desk's receipt though it was not.

    An event whose receipt nobody awaits any more is one that the desk has.
    """
    awaited = {(entry.badge, entry.event): entry for entry in restored.awaiting}
    found: dict[tuple[int, int], Case] = {}
    for watch in restored.watched:
        try:
            case = msgspec.json.decode(watch.payload, type=Case)
        except msgspec.MsgspecError:
            continue  # of another version: what is awaited, below, stands for it
        found[case.key] = replace(case, delivered=case.delivered or case.key not in awaited)
    for key, entry in awaited.items():
        if key not in found and (made := _from_report(entry)) is not None:
            found[key] = made
    return tuple(found.values())


def _from_report(entry: Await) -> Case | None:
    try:
        report = decode(Report, entry.topic, entry.payload)
        return sight(None, report, unix_ms(report.heard_at)) if concerns(report) else None
    except ContractError:
        return None  # of another version; the badge's next frame tells it again
