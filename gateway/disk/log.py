"""What an administrator must read of the outbox: each trouble when it begins, and its end."""

import structlog

from gateway.disk.outbox import Outbox


class OutboxLog:
    """Compares the outbox with how it was at the last look."""

    def __init__(self, outbox: Outbox, log: structlog.typing.FilteringBoundLogger) -> None:
        self._outbox = outbox
        self._log = log
        self._disk = "ok"
        self._dropped = 0
        self._dropping = False
        self._salvages = 0

    def look(self, dropped: dict[str, int]) -> None:
        """Log what is new; dropped: messages given up so far, by reason."""
        self._look_at_disk()
        self._look_at_salvages()
        total = sum(dropped.values())
        if total > self._dropped and not self._dropping:
            # Once a burst: what follows shows in the counters of the gateway's state.
            self._log.warning("outbox.limit_reached", **dropped)
        self._dropping, self._dropped = total > self._dropped, total

    def _look_at_disk(self) -> None:
        before, self._disk = self._disk, self._outbox.disk
        if self._disk == before:
            return
        if self._disk == "ok":
            self._log.info("disk.recovered")
        else:
            self._log.error(f"disk.{self._disk}", reason=self._outbox.trouble)

    def _look_at_salvages(self) -> None:
        for salvage in self._outbox.salvages[self._salvages :]:
            self._log.error(
                "outbox.damaged",
                reason=salvage.reason,
                set_aside=str(salvage.path),
                counters=salvage.counts,
                messages=salvage.rows,
                open_events=salvage.awaiting,
                commands=salvage.commands,
            )
        self._salvages = len(self._outbox.salvages)
