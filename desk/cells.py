"""What a supervisor reads about an alert, as short text."""

from datetime import datetime

from desk.spans import climbing, due
from desk.urgency import Urgency, urgency
from gateway.contract.messages import AlertRecord, Kind, Notice, Phase, unix_ms

COLOURS = {
    Urgency.RINGING: "bold #ff5f5f",
    Urgency.DRILL: "#ff5f5f",
    Urgency.PENDING: "#d787ff",
    Urgency.TAKEN: "#ffd75f",
    Urgency.RECORDED: "#87afd7",
    Urgency.OVER: "#808080",
}
_KINDS = {Kind.MAN_DOWN: "MAN DOWN", Kind.GOING_OFF: "GOING OFF", Kind.STATUS: "UNKNOWN"}
_QUIET = {Kind.CHECK_IN: "check in", Kind.CHECK_OUT: "check out", Kind.TEST: "test"}


def age(elapsed_ms: int) -> str:
    """A time span in at most five characters: 7s, 4m05, 3h12, 2d."""
    seconds = max(0, elapsed_ms // 1000)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02d}"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds // 60 % 60:02d}"
    return f"{seconds // 86_400}d"


def kind(record: AlertRecord) -> str:
    """The kind, with what a supervisor must know before calling the wearer."""
    marks = [word for word, is_so in (("covert", record.covert), ("drill", record.drill)) if is_so]
    overdue = "OVERDUE" if record.overdue_at is not None and record.kind in _QUIET else None
    name = overdue or _KINDS.get(record.kind) or _QUIET.get(record.kind) or record.kind.upper()
    return " ".join((name, *marks))


def wearer(record: AlertRecord) -> str:
    """Who wears the badge; an exclamation mark before it tells of warnings in the details."""
    return f"! {record.wearer}" if record.warnings else record.wearer


def stage(record: AlertRecord) -> str:
    """The stage: who has it and how soon they are there, once somebody has."""
    if record.phase is not Phase.ACKNOWLEDGED or record.holder is None:
        return str(record.phase)
    if record.minutes_until_help is None:
        return record.holder
    return f"{record.minutes_until_help}min {record.holder}"


def position(record: AlertRecord, now_ms: int, decimals: int) -> str:
    """Latitude, longitude, accuracy and age of the fix now, or "no fix"; a button's place."""
    if record.place is not None:
        return record.place
    fix = record.position
    if fix is None or record.position_at is None:
        return "no fix"
    rough = fix.accuracy_m is not None and fix.accuracy_m >= 1000
    digits = 3 if rough else decimals
    place = f"{fix.latitude:.{digits}f},{fix.longitude:.{digits}f}"
    accuracy = "" if fix.accuracy_m is None else f" ±{_metres(fix.accuracy_m)}"
    if fix.age_s is None:
        return f"{place}{accuracy} age?"
    return f"{place}{accuracy} {age(now_ms - unix_ms(record.position_at) + fix.age_s * 1000)}"


def _metres(metres: int) -> str:
    return f"{metres}m" if metres < 1000 else f"{round(metres / 1000)}km"


def details(record: AlertRecord, now_ms: int) -> str:
    """All that the desk knows of an alert, with its timeline, for a person."""
    raised_ms = unix_ms(record.raised_at)
    where = "position" if record.place is None else "place   "
    lines = [
        f"{kind(record)}  {record.wearer}  (badge {record.badge}, event {record.event})",
        "",
        f"raised    {_clock(raised_ms, with_date=True)}, {age(now_ms - raised_ms)} ago",
        f"{where}  {position(record, now_ms, decimals=5)}",
        f"battery   {'unknown' if record.battery is None else f'{record.battery}%'}",
        f"heard by  {', '.join(record.gateways)}",
        f"taken by  {record.holder or 'nobody'}{_help(record)}",
        *_timers(record, now_ms),
        *(f"called    {_notice(notice)}" for notice in record.notices),
        *(f"warning   {warning}" for warning in record.warnings),
        "",
        *_timeline(record, raised_ms),
    ]
    return "\n".join(lines)


def _timers(record: AlertRecord, now_ms: int) -> list[str]:
    lines = []
    if record.visit_due_at is not None:
        lines.append(f"visit     {due(unix_ms(record.visit_due_at), now_ms)}")
    if record.overdue_at is not None:
        lines.append(f"overdue   since {_clock(unix_ms(record.overdue_at))[:8]}: no check out")
    if record.escalation is not None:
        lines.append(f"people    {climbing(record.escalation, now_ms)}")
    return lines


def _notice(notice: Notice) -> str:
    siren = ", siren" if notice.siren else ""
    silenced = ", silenced there" if notice.silenced else ""
    why = "no broker" if notice.reason == "no_broker" else "no answer of the desk"
    first, last = _clock(unix_ms(notice.first_at)), _clock(unix_ms(notice.at))
    when = first[:8] if notice.calls == 1 else f"{notice.calls} times {first[:8]}-{last[:8]}"
    took = f"{notice.reached} of {notice.targets} took it"
    return f"by {notice.gateway} {when}: {took}{siren}{silenced} ({why})"


def _timeline(record: AlertRecord, raised_ms: int) -> list[str]:
    felt = {stage.phase: unix_ms(stage.at) for stage in record.felt}
    lines = ["stage         at            after     by            felt by wearer"]
    for told in record.timeline:
        at_ms = unix_ms(told.at)
        after = f"{(at_ms - raised_ms) / 1000:+.2f}s"
        shown = f"{(felt[told.phase] - raised_ms) / 1000:+.2f}s" if told.phase in felt else ""
        lines.append(
            f"{told.phase:<13} {_clock(at_ms):<13} {after:<9} {(told.by or '')[:13]:<13} {shown}"
        )
    return lines


def _help(record: AlertRecord) -> str:
    if record.holder is None:
        return ""
    minutes = record.minutes_until_help
    return ", arrival unknown" if minutes is None else f", there in {minutes} min"


def _clock(at_ms: int, *, with_date: bool = False) -> str:
    local = datetime.fromtimestamp(at_ms / 1000).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}" if with_date else f"{local:%H:%M:%S}.{at_ms % 1000:03d}"


def urgency_colour(record: AlertRecord) -> str:
    """The colour of an alert's row, as a rich style."""
    return COLOURS[urgency(record)]
