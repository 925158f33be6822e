"""The gateway's log: one line an event on stderr, for people or for machines."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Literal

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]
_NUMBERS: dict[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


class LogOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [log] table. format: "lines" for people, "json" for machines."""

    format: Literal["lines", "json"] = "lines"
    level: Level = "info"


def log_to_stderr(
    options: LogOptions | None = None, environ: Mapping[str, str] = os.environ
) -> None:
    """Let structlog write one line an event to stderr.

    The journal has a clock of its own: for it, lines carry no time but a priority.
    """
    options = options or LogOptions()
    # It would write a line for each forged frame; these are counted.
    logging.getLogger("bthome_ble").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=processors(options, journal=is_journal(environ)),
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[options.level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def processors(options: LogOptions, *, journal: bool) -> list[Processor]:
    """What makes a line of an event."""
    render: Processor = (
        structlog.processors.JSONRenderer()
        if options.format == "json"
        else structlog.processors.KeyValueRenderer(
            key_order=["timestamp", "level", "event"], drop_missing=True
        )
    )
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    level: Processor = structlog.processors.add_log_level
    return [level, _Prioritized(render)] if journal else [level, stamp, render]


def is_journal(environ: Mapping[str, str]) -> bool:
    """Whether stderr is the journal's own stream (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        stderr = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"


class _Prioritized:
    """Puts the priority in front of a line (sd-daemon(3)), so that journalctl can filter."""

    def __init__(self, render: Processor) -> None:
        self._render = render

    def __call__(self, logger: WrappedLogger, method: str, entry: EventDict) -> str:
        priority = _PRIORITIES.get(str(entry.get("level")), 6)
        return f"<{priority}>{self._render(logger, method, entry)!s}"
