"""When it is night. Pure."""

from datetime import datetime, timedelta

HOUR = 3


def seconds_to_night(now_ms: int) -> float:
    """Seconds from now_ms (unix ms) until it is next 3 in the morning here; a day at most."""
    now = datetime.fromtimestamp(now_ms / 1000)
    night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night <= now:
        night += timedelta(days=1)
    return (night - now).total_seconds()
